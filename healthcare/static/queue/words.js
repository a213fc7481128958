// Which words does the patient's own page know? To add a language: one entry with the same keys. `{x}` is filled by fill().

export const FALLBACK = "en";

export const WORDS = {
  en: {
    dir: "ltr", title: "Your place in line", room: "room {x}",
    next: "You are next", ahead: "{n} before you",
    soon: "Within about {to} minutes", between: "In about {from} to {to} minutes",
    honest: "Learned from earlier days here. One in ten waits longer; emergencies come first.",
    called: "Please go to {desk}", serving: "You are being seen: {desk}", held: "You are set aside for now; staff will call you",
    skipped: "You were called. Please tell the desk that you are here", finished: "Done. Get well soon",
    cancelled: "This number is no longer in line", transferred: "You were sent on: ask the desk for your new number",
    asOf: "As of {time}", behind: "As of {time} – no connection, trying again…", offline: "No connection, trying again…",
    gone: "This link is over. Ask the desk.",
  },
  hi: {
    dir: "ltr", title: "कतार में आपका स्थान", room: "कमरा {x}",
    next: "अगली बारी आपकी है", ahead: "आपसे पहले {n}",
    soon: "लगभग {to} मिनट के भीतर", between: "लगभग {from} से {to} मिनट में",
    honest: "यहाँ के पिछले दिनों से अनुमानित। दस में से एक को अधिक प्रतीक्षा करनी पड़ती है; आपात मामले पहले।",
    called: "कृपया {desk} पर जाएँ", serving: "आपको देखा जा रहा है: {desk}", held: "अभी आपको रोका गया है; कर्मचारी बुलाएँगे",
    skipped: "आपको बुलाया गया था। कृपया काउंटर पर बताएँ कि आप यहाँ हैं", finished: "पूरा हुआ। जल्द स्वस्थ हों",
    cancelled: "यह नंबर अब कतार में नहीं है", transferred: "आपको आगे भेजा गया है: नया नंबर काउंटर पर पूछें",
    asOf: "{time} तक", behind: "{time} तक – कनेक्शन नहीं है, फिर कोशिश…", offline: "कनेक्शन नहीं है, फिर कोशिश…",
    gone: "यह लिंक समाप्त हो गया है। काउंटर पर पूछें।",
  },
  mr: {
    dir: "ltr", title: "रांगेतील आपले स्थान", room: "खोली {x}",
    next: "पुढची पाळी आपली आहे", ahead: "आपल्या आधी {n}",
    soon: "सुमारे {to} मिनिटांत", between: "सुमारे {from} ते {to} मिनिटांत",
    honest: "येथील आधीच्या दिवसांवरून अंदाज. दहापैकी एकाला जास्त थांबावे लागते; तातडीचे रुग्ण आधी.",
    called: "कृपया {desk} येथे जा", serving: "आपल्याला तपासत आहेत: {desk}", held: "आपल्याला थोडे थांबवले आहे; कर्मचारी बोलावतील",
    skipped: "आपल्याला बोलावले होते. आपण येथे आहात हे काउंटरवर सांगा", finished: "झाले. लवकर बरे व्हा",
    cancelled: "हा क्रमांक आता रांगेत नाही", transferred: "आपल्याला पुढे पाठवले आहे: नवीन क्रमांक काउंटरवर विचारा",
    asOf: "{time} पर्यंत", behind: "{time} पर्यंत – जोडणी नाही, पुन्हा प्रयत्न…", offline: "जोडणी नाही, पुन्हा प्रयत्न…",
    gone: "ही लिंक संपली आहे. काउंटरवर विचारा.",
  },
  ar: {
    dir: "rtl", title: "مكانكم في الطابور", room: "غرفة {x}",
    next: "دوركم هو التالي", ahead: "{n} قبلكم",
    soon: "خلال {to} دقيقة تقريبًا", between: "خلال {from} إلى {to} دقيقة تقريبًا",
    honest: "تقدير من أيام سابقة هنا. واحد من كل عشرة ينتظر أطول؛ والحالات الطارئة أولًا.",
    called: "يرجى التوجه إلى {desk}", serving: "أنتم في الداخل: {desk}", held: "أنتم في الانتظار جانبًا؛ سيناديكم الموظفون",
    skipped: "نودي عليكم. يرجى إبلاغ المكتب بوجودكم", finished: "انتهى. نتمنى لكم الشفاء",
    cancelled: "هذا الرقم لم يعد في الطابور", transferred: "أُرسلتم إلى مكان آخر: اسألوا المكتب عن رقمكم الجديد",
    asOf: "حتى {time}", behind: "حتى {time} – لا اتصال، تجري المحاولة…", offline: "لا اتصال، تجري المحاولة…",
    gone: "انتهت صلاحية هذا الرابط. اسألوا المكتب.",
  },
};

/** The first of the wished languages that we have words in. */
export function spoken(wished) {
  const short = (wished || []).map((tag) => String(tag).toLowerCase().split("-")[0]);
  return short.find((tag) => Object.prototype.hasOwnProperty.call(WORDS, tag)) || FALLBACK;
}

export function fill(language, key, values = {}) {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
