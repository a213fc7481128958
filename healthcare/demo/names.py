"""What are people called? Given and family names of many scripts, put together at random; nobody real is meant."""

from typing import NamedTuple


class Culture(NamedTuple):
    """`script` as Unicode calls it, `language` of its people; names are written as those people write them."""

    script: str
    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


def _row(script: str, language: str, women: str, men: str, families: str) -> Culture:
    return Culture(script, language, tuple(women.split()), tuple(men.split()), tuple(families.split()))


# Alternating scripts, so that even a small demo shows many.
CULTURES = (
    _row(
        "LATIN", "en",
        "Eleanor Hazel Imogen Beatrix Maisie Orla Tamsin Rosalind",
        "Alistair Callum Edmund Rhys Jasper Fergus Tobias Wilfred",
        "Ashdown Birtwhistle Cartwright Fairweather Hollis Merriweather Thistlewood Wainwright Penhaligon O’Rourke",
    ),
    _row(
        "DEVANAGARI", "hi",
        "आशा कविता सुनीता मीरा पूजा रेखा अनन्या ज्योति",
        "राजेश अमित विकास सुरेश आरव मनोज दीपक संजय",
        "शर्मा वर्मा गुप्ता मिश्रा त्रिपाठी श्रीवास्तव चौहान द्विवेदी",
    ),
    _row(
        "TAMIL", "ta",
        "லட்சுமி மீனாட்சி கவிதா தேன்மொழி யாழினி பவானி",
        "முருகன் கார்த்திக் சரவணன் அருண் இளங்கோ செந்தில்",
        "சுப்பிரமணியன் இராமசாமி வேலுச்சாமி நடராஜன் பாண்டியன் சண்முகம்",
    ),
    _row(
        "ARABIC", "ar",
        "فاطمة ليلى نور مريم سلمى هدى رنا ياسمين",
        "محمد أحمد يوسف خالد عمر طارق سامي كريم",
        "الحداد النجار المصري الشامي حبيب الخطيب منصور الزهراني",
    ),
    _row(
        "HEBREW", "he",
        "נועה תמר מיכל יעל שירה רות אביגיל",
        "דוד איתן אורי נועם יונתן עמית אריאל",
        "כהן לוי מזרחי פרידמן ברק שפירא גולן",
    ),
    _row(
        "CJK", "zh",
        "秀英 丽华 晓梅 静怡 雅婷 美玲",
        "志强 建国 伟明 浩然 子轩 文博",
        "王 李 张 刘 陈 杨 欧阳 黄",
    ),
    _row(
        "HIRAGANA", "ja",
        "さくら ひなた あおい みどり ゆい かえで",
        "けんた はると だいすけ そうた まこと りく",
        "佐藤 鈴木 高橋 渡辺 小林 山本 中村 井上",
    ),
    _row(
        "HANGUL", "ko",
        "서연 지우 민지 수빈 하은 예린",
        "민준 도윤 지호 현우 성민 준서",
        "김 이 박 최 정 강 황보 윤",
    ),
    _row(
        "CYRILLIC", "ru",
        "Анна Екатерина Наталья Светлана Людмила Ольга",
        "Дмитрий Сергей Алексей Михаил Игорь Николай",
        "Кузнецов Лебедев Морозов Воробьёв Соловьёв Белых Черных",
    ),
    _row(
        "GREEK", "el",
        "Ελένη Σοφία Κατερίνα Ιωάννα Δέσποινα Αγγελική",
        "Γιώργος Νίκος Κωνσταντίνος Δημήτρης Σπύρος Παναγιώτης",
        "Παπαδόπουλος Οικονόμου Αντωνίου Καραγιάννης Νικολαΐδης Βλάχος",
    ),
    _row(
        "ETHIOPIC", "am",
        "ሰላማዊት ብርቱካን ሂሩት ፀሐይ አበባ ማርታ",
        "አበበ ተስፋዬ ዳዊት ዮሐንስ ሙሉጌታ ኃይሌ",
        "በቀለ ታደሰ ገብረመድኅን ወልደማርያም ደስታ ከበደ",
    ),
    _row(
        "THAI", "th",
        "สมหญิง มาลี กนกวรรณ พิมพ์ชนก วิภา สุดารัตน์",
        "สมชาย ประเสริฐ วิชัย ธนากร อนุชา กิตติ",
        "ศรีสุข วงศ์สวัสดิ์ แก้วมณี ทองดี บุญเรือง รัตนากร",
    ),
    _row(
        "LATIN", "pl",
        "Małgorzata Łucja Żaneta Agnieszka Bożena Zofia",
        "Paweł Łukasz Stanisław Wojciech Grzegorz Michał",
        "Wójcik Nowakowska-Śliwa Dąbrowicz Wróbel Zając Mączyński",
    ),
    _row(
        "BENGALI", "bn",
        "অনন্যা শর্মিষ্ঠা মৌসুমী রূপা নন্দিনী",
        "সৌরভ অনির্বাণ দেবাশিস সুব্রত অর্ণব",
        "চট্টোপাধ্যায় মুখোপাধ্যায় বসু দাশগুপ্ত সেনগুপ্ত",
    ),
    _row(
        "TELUGU", "te",
        "లక్ష్మి సరస్వతి పద్మ అనూష శ్రావణి",
        "వెంకటేశ్ శ్రీనివాస్ రవి ప్రసాద్ కృష్ణ",
        "రెడ్డి నాయుడు చౌదరి శాస్త్రి కొండూరి",
    ),
    _row(
        "DEVANAGARI", "mr",
        "सायली प्राजक्ता मुक्ता ऋतुजा वैशाली स्नेहल",
        "अनिकेत सचिन मंगेश प्रसाद ओंकार शंतनू",
        "कुलकर्णी देशपांडे जोशी पाटील गोखले भोसले शिंदे",
    ),
    _row(
        "GURMUKHI", "pa",
        "ਹਰਪ੍ਰੀਤ ਸਿਮਰਨ ਜਸਲੀਨ ਮਨਪ੍ਰੀਤ",
        "ਗੁਰਪ੍ਰੀਤ ਜਸਵਿੰਦਰ ਅਮਰਜੀਤ ਹਰਜੀਤ",
        "ਗਿੱਲ ਸਿੱਧੂ ਧਾਲੀਵਾਲ ਬਰਾੜ ਸੰਧੂ",
    ),
    _row(
        "KANNADA", "kn",
        "ಭಾಗ್ಯ ಶ್ರುತಿ ಕಾವೇರಿ ಮಂಜುಳಾ",
        "ಬಸವರಾಜ ಮಂಜುನಾಥ ಚೇತನ್ ಗಿರೀಶ್",
        "ಹೆಗಡೆ ಗೌಡ ಕುಲಕರ್ಣಿ ಪಾಟೀಲ",
    ),
    _row(
        "MALAYALAM", "ml",
        "അഞ്ജലി ലക്ഷ്മി പാർവതി ശ്രീജ",
        "ഉണ്ണി ഗോപാലൻ രാജീവ് ബിജു",
        "നായർ മേനോൻ നമ്പൂതിരി വർമ്മ",
    ),
    _row(
        "GUJARATI", "gu",
        "હેતલ કિંજલ ભાવના જાગૃતિ",
        "હિતેશ ભાવેશ ચિરાગ જયેશ",
        "પટેલ શાહ દેસાઈ ત્રિવેદી",
    ),
    _row(
        "LATIN", "vi",
        "Thị-Hương Ngọc-Ánh Bích-Thủy Diễm-Quỳnh",
        "Văn-Đức Minh-Tuấn Quốc-Bảo Hữu-Phước",
        "Nguyễn Trần Phạm Đặng Huỳnh Vũ",
    ),
    _row(
        "LATIN", "tr",
        "Gülşah Çiğdem Şebnem İpek Özlem",
        "Oğuz Çağlar İsmail Ömer Şükrü",
        "Yıldırım Öztürk Çelik Şahin Güneş",
    ),
    _row(
        "LATIN", "fr",
        "Éloïse Hélène Maëlys Noémie Françoise",
        "Benoît Jérôme Loïc Théo François",
        "Lefèvre Hébert Saint-Aubin Beauchêne D’Œuvre",
    ),
    _row(
        "LATIN", "sv",
        "Åsa Märta Linnéa Björg Sólveig",
        "Björn Göran Håkan Ægir Þórður",
        "Åkesson Öberg Sjögren Þorvaldsdóttir Ångström",
    ),
    _row(
        "LATIN", "yo",
        "Ẹniọlá Fọlákẹ́ Títílayọ̀ Àdùkẹ́",
        "Adébáyọ̀ Olúwaṣeun Babátúndé Ṣẹ́gun",
        "Adéyẹmí Ògúnlẹ́yẹ Ọláńrewájú Akíntọ́lá",
    ),
    _row(
        "ARMENIAN", "hy",
        "Անի Լիլիթ Նարինե Գայանե",
        "Արամ Տիգրան Հայկ Գևորգ",
        "Պետրոսյան Հակոբյան Սարգսյան Մկրտչյան",
    ),
    _row(
        "GEORGIAN", "ka",
        "ნინო თამარ ქეთევან მარიამ",
        "გიორგი ლევან ზურაბ დავით",
        "ბერიძე კაპანაძე ლომიძე გელაშვილი",
    ),
    _row(
        "LATIN", "es",
        "Begoña Inés Concepción Lucía María-José",
        "Íñigo Ángel José-María Joaquín Andrés",
        "Ibáñez Núñez Peñalver García-Muñoz Zúñiga",
    ),
    _row(
        "ARABIC", "ur",
        "عائشہ زینب ثنا رابعہ",
        "عمران فیصل شاہد کاشف",
        "قریشی بھٹی چوہدری صدیقی",
    ),
    _row(
        "LATIN", "en-IN",
        "Asha Kavya Sunita Meenakshi Farah Lakshmi",
        "Arjun Ravi Farhan Venkat Joseph Gurdeep",
        "Rao Iyer Nair Banerjee Khan D’Souza Fernandes",
    ),
)  # fmt: skip
