// Which words does the screen show and say, in each language it knows?
//
// To add a language: one entry here with the same keys. `{x}` is filled by fill(). Digits stay Latin everywhere, because
// the number on the wall must look like the number on the paper in the patient's hand.

export const LANGUAGES = {
  en: {
    dir: "ltr", speech: "en-IN",
    nowCalling: "Now calling", nowServing: "Being seen", recent: "Called before", next: "Next",
    idle: "Please wait for your number", nobody: "No one is waiting", noQueue: "No queue is open right now",
    asOf: "As of {time} – reconnecting…", asOfShort: "As of {time}",
    room: "Room {x}", desk: "Desk {x}", spoken: "Token {number}, {where}", spokenBare: "Token {number}",
    soundOn: "Turn sound on", soundOff: "Turn sound off", holdLanguage: "Keep this language", rotateLanguage: "Rotate languages",
    fullScreen: "Full screen",
    pairTitle: "Connect this screen", pairHow: "Staff: approve this code under Screens to show your queues here.",
    pairWait: "Asking for a code…", pairOffline: "The server does not answer. Trying again…", pairUntil: "Valid until {time}",
  },
  hi: {
    dir: "ltr", speech: "hi-IN",
    nowCalling: "अब बुलाया जा रहा है", nowServing: "अंदर हैं", recent: "पहले बुलाए गए", next: "अगले",
    idle: "कृपया अपने नंबर की प्रतीक्षा करें", nobody: "कोई प्रतीक्षा में नहीं है", noQueue: "अभी कोई कतार खुली नहीं है",
    asOf: "{time} तक की जानकारी – फिर से जुड़ रहे हैं…", asOfShort: "{time} तक",
    room: "कमरा {x}", desk: "काउंटर {x}", spoken: "टोकन {number}, {where}", spokenBare: "टोकन {number}",
    soundOn: "आवाज़ चालू करें", soundOff: "आवाज़ बंद करें", holdLanguage: "यही भाषा रखें", rotateLanguage: "भाषाएँ बदलते रहें",
    fullScreen: "पूरी स्क्रीन",
    pairTitle: "यह स्क्रीन जोड़ें", pairHow: "कर्मचारी: अपनी कतारें यहाँ दिखाने के लिए 'स्क्रीन' में यह कोड स्वीकार करें।",
    pairWait: "कोड माँगा जा रहा है…", pairOffline: "सर्वर उत्तर नहीं दे रहा। फिर कोशिश हो रही है…", pairUntil: "{time} तक मान्य",
  },
  mr: {
    dir: "ltr", speech: "mr-IN",
    nowCalling: "आता बोलावत आहोत", nowServing: "आत आहेत", recent: "आधी बोलावलेले", next: "पुढील",
    idle: "कृपया आपल्या क्रमांकाची वाट पाहा", nobody: "कोणीही प्रतीक्षेत नाही", noQueue: "सध्या कोणतीही रांग सुरू नाही",
    asOf: "{time} पर्यंतची माहिती – पुन्हा जोडत आहोत…", asOfShort: "{time} पर्यंत",
    room: "खोली {x}", desk: "काउंटर {x}", spoken: "टोकन {number}, {where}", spokenBare: "टोकन {number}",
    soundOn: "आवाज सुरू करा", soundOff: "आवाज बंद करा", holdLanguage: "हीच भाषा ठेवा", rotateLanguage: "भाषा बदलत ठेवा",
    fullScreen: "पूर्ण स्क्रीन",
    pairTitle: "ही स्क्रीन जोडा", pairHow: "कर्मचारी: आपल्या रांगा येथे दाखवण्यासाठी 'स्क्रीन' मध्ये हा कोड मंजूर करा.",
    pairWait: "कोड मागवत आहोत…", pairOffline: "सर्व्हर उत्तर देत नाही. पुन्हा प्रयत्न करत आहोत…", pairUntil: "{time} पर्यंत वैध",
  },
  ar: {
    dir: "rtl", speech: "ar",
    nowCalling: "يُنادى الآن", nowServing: "في الداخل الآن", recent: "نودي سابقًا", next: "التالي",
    idle: "يرجى انتظار رقمكم", nobody: "لا أحد في الانتظار", noQueue: "لا يوجد طابور مفتوح الآن",
    asOf: "حتى الساعة {time} – جارٍ إعادة الاتصال…", asOfShort: "حتى {time}",
    room: "غرفة {x}", desk: "مكتب {x}", spoken: "الرقم {number}، {where}", spokenBare: "الرقم {number}",
    soundOn: "تشغيل الصوت", soundOff: "إيقاف الصوت", holdLanguage: "إبقاء هذه اللغة", rotateLanguage: "تبديل اللغات",
    fullScreen: "ملء الشاشة",
    pairTitle: "ربط هذه الشاشة", pairHow: "للموظفين: وافقوا على هذا الرمز في قسم الشاشات لعرض طوابيركم هنا.",
    pairWait: "جارٍ طلب رمز…", pairOffline: "الخادم لا يجيب. تجري إعادة المحاولة…", pairUntil: "صالح حتى {time}",
  },
};

/** The languages of `wanted` that we have words for, in that order, each once; English when none is left. */
export function known(wanted) {
  const short = (wanted || []).map((tag) => String(tag).toLowerCase().split(/[-_]/)[0]);
  const found = short.filter((tag, at) => Object.prototype.hasOwnProperty.call(LANGUAGES, tag) && short.indexOf(tag) === at);
  return found.length ? found : ["en"];
}

export function fill(language, key, values = {}) {
  return LANGUAGES[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** "2" or "U8" becomes "Room 2" in the language; a place that already has a name of its own ("Chamber B") is shown as it is. */
export function placed(language, key, place) {
  if (!place) return "";
  return /^[A-Za-z]{0,2}-?[0-9]{1,4}[A-Za-z]?$/.test(place) ? fill(language, key, { x: place }) : place;
}

/** "Token A-001, Room 2": what is said of a call, and what a screen reader is given. `at` is {key, place} as for placed(). */
export function sentence(language, number, at) {
  const where = placed(language, at.key, at.place);
  return fill(language, where ? "spoken" : "spokenBare", { number, where });
}
