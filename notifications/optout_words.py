"""What does the page behind "stop such messages" say, in each language? When it asks, when it is done, when the link is bad."""

from typing import NamedTuple


class Said(NamedTuple):
    title: str
    text: str
    button: str = ""


SAID: dict[str, dict[str, Said]] = {
    "en": {
        "ask": Said(
            "Stop messages of this kind?",
            "You will no longer get messages like the one this link was in. Messages about bookings, changes and"
            " cancellations go on.",
            "Stop them",
        ),
        "done": Said("Done", "You will get no more messages of this kind. You can change this in your account."),
        "unknown": Said(
            "This link does not work",
            "It is incomplete, or what it was for is no longer there. You can choose your messages in your account.",
        ),
    },
    "hi": {
        "ask": Said(
            "इस तरह के संदेश बंद करें?",
            "जिस संदेश में यह लिंक था, वैसे संदेश आपको आगे नहीं मिलेंगे। बुकिंग, बदलाव और रद्द होने के संदेश आते रहेंगे।",
            "बंद करें",
        ),
        "done": Said("हो गया", "अब आपको इस तरह के संदेश नहीं मिलेंगे। इसे आप अपने खाते में बदल सकते हैं।"),
        "unknown": Said("यह लिंक काम नहीं करता", "लिंक अधूरा है, या जिसके लिए था वह अब नहीं है। अपने संदेश आप अपने खाते में चुन सकते हैं।"),
    },
    "mr": {
        "ask": Said(
            "असे संदेश बंद करायचे?",
            "ज्या संदेशात ही लिंक होती, तसे संदेश तुम्हाला यापुढे येणार नाहीत. बुकिंग, बदल आणि रद्द झाल्याचे संदेश येत राहतील.",
            "बंद करा",
        ),
        "done": Said("झाले", "यापुढे तुम्हाला असे संदेश येणार नाहीत. हे तुम्ही तुमच्या खात्यात बदलू शकता."),
        "unknown": Said("ही लिंक चालत नाही", "लिंक अपुरी आहे, किंवा ज्यासाठी होती ते आता नाही. तुमचे संदेश तुम्ही तुमच्या खात्यात निवडू शकता."),
    },
    "ar": {
        "ask": Said(
            "إيقاف هذا النوع من الرسائل؟",
            "لن تصلكم بعد ذلك رسائل كالتي ورد فيها هذا الرابط. أما رسائل الحجز والتغيير والإلغاء فتستمر.",
            "إيقافها",
        ),
        "done": Said("تم", "لن تصلكم رسائل من هذا النوع بعد الآن. يمكنكم تغيير ذلك في حسابكم."),
        "unknown": Said("هذا الرابط لا يعمل", "الرابط ناقص، أو لم يعد ما كان من أجله موجودًا. يمكنكم اختيار رسائلكم في حسابكم."),
    },
}
