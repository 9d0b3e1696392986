"""Plain words, names and scraps of text: the raw material for questions the toy cannot answer."""


def _listed(text: str) -> list[str]:
    return text.split()


NOUNS = _listed("""
apple army art ball bank beach bear bed bird blood board boat body bone book bottle box brain bread bridge brother
budget building bus business button cake camera candle car carpet castle chair cheese chemistry chess child church
circle city climate clock cloud coffee company computer contract cooking country cow crime crystal culture dance data
death debt desert design desk dinner dinosaur disease doctor dog dollar door dream dress earth economy egg election
electricity elephant email emotion empire energy engine evening exam eye family farm father film fire fish flag flower
food football forest friend fruit game garden gas gene ghost glass god gold government grammar gravity guitar gun hair
hand hat health heart history holiday honey horse hospital hotel house ice idea internet invoice iron island jacket
job journey judge justice kettle kitchen knife ladder lake language law leaf lesson letter library light lion liver
logic love lung machine magic magnet map market marriage mathematics matter meal medicine memory metal milk mind mine
mirror money monkey moon mother motor mountain mouse movie museum music nation nature needle network newspaper night
noise novel number nurse ocean office oil onion opera orange orchestra oven owl oxygen painting paper parent park
party passport pasta peace pen pencil people pepper phone photo physics piano picture pilot pizza plan planet plant
plastic plate poetry police politics pool potato power president price prince prison program protein psychology
queen question rabbit radio railway rain recipe religion rent report restaurant rice ring river road rock rocket roof
room rope rose sailor salad salt sand school science sea season secret sentence sheep ship shirt shoe shop sister
skin sleep snake soap society soldier song soul soup space spoon sport spring stage stamp star station statue steel
stock stone storm street student sugar summer sun surgery table tax tea teacher team technology telescope television
temple tennis theatre theory thunder tiger time tomato tool tooth tower town toy traffic train travel treasure tree
truck truth university uncle universe vaccine valley vegetable verb village violin virus volcano wall war water wave
wealth weather wedding wheat wheel whisky wife wind window wine winter wolf woman wood wool word work world worm
writer year yoga zebra zoo
""")

VERBS = _listed("""
answer bake begin believe boil bring build burn buy calculate call carry catch change clean climb close collect
compare compile compute configure cook copy count create cut dance debug define delete deploy describe design draw
dream drink drive earn eat edit escape explain export feed feel fight fill find fix fly fold forget format grow guess
hang hear help hide hire hold hunt implement import improve install invent invest join jump keep kill know laugh learn
leave lift list listen live lose love make measure meet mend mix move name open optimise order pack paint parse pay
plan plant play pray prepare print produce prove publish pull push raise read remove rename repair reply restart
rewrite ride run save say search sell send sew share shave show sing sit sleep smell solve sort speak spell spend
study summarise swim teach tell tie translate travel try turn understand unlock use validate visit wait walk wash
watch wear win write
""")

ADJECTIVES = _listed("""
ancient angry bad beautiful best big bitter black bright broken cheap clean clever cold cool common complex correct
dangerous dark dead deep difficult dirty dry early easy electric empty famous fast fat final foreign free French fresh
full funny German good great green grey happy hard healthy heavy high hot huge important Italian Japanese large late
lazy light local long loud low modern natural new nice old open perfect personal poor popular pretty private public
quick quiet rare raw real red rich right Roman round sad safe secret sharp short sick simple slow small soft sour
strange strong sweet tall thick thin tiny tired true ugly warm weak wet white whole wide wild wise wrong yellow young
""")

SUBJECTS = _listed("""
Kubernetes Docker Python JavaScript Rust Java Linux Windows Excel Google Amazon Microsoft Apple Facebook Twitter Slack
Discord Mistral Claude Gemini Llama Anthropic DeepSeek Redis Kafka nginx Terraform Git GitHub React Flask Django
Napoleon Einstein Newton Mozart Beethoven Picasso Plato Caesar Cleopatra Lincoln Gandhi Darwin Tesla Mars Venus Saturn
Pluto Africa Asia Europe Antarctica America Brazil China India Russia Mexico Egypt Greece Sweden Finland Denmark
Hungary Turkey Iran Kenya Chile Peru Cuba Argentina Australia Belgium Switzerland Ukraine Thailand Vietnam Korea
Bitcoin TCP HTTP DNS JSON SQL CSS HTML blockchain photosynthesis evolution inflation democracy capitalism socialism
relativity entropy recursion mitosis quantum thermodynamics philosophy astronomy algebra calculus geometry statistics
""")

NAMES = _listed("""
Ada Alan Alice Amir Anna Anton Aisha Ben Bob Boris Carla Chen Clara Dana David Diego Elena Eli Emma Erik Eva Fatima
Felix Finn Frida George Grace Greta Hana Hans Hugo Ida Igor Ines Ivan Jack Jane Jens John Jonas Julia Kai Karl Kate
Kim Lars Laura Lena Leo Lin Linus Lisa Lucy Maja Marco Maria Mark Max Maya Mei Mia Mike Mila Nadia Nina Noah Nora
Olaf Olga Omar Oscar Otto Pablo Paul Pia Peter Priya Rosa Ruth Sam Sara Sofia Sven Tara Theo Tim Tom Uma Vera Victor
Wei Yara Yuki Zoe
""")

CITIES = _listed("""
Paris London Berlin Rome Madrid Tokyo Oslo Vienna Lisbon Dublin Warsaw Ottawa Hamburg Munich Zurich Geneva Milan
Naples Seville Porto Lyon Nice Boston Chicago Denver Seattle Austin Dallas Toronto Sydney Melbourne Delhi Mumbai Cairo
Lagos Nairobi Lima Bogota Quito Kyoto Osaka Seoul Beijing Shanghai Hanoi Manila Jakarta Athens Prague Budapest
Helsinki Stockholm Copenhagen Reykjavik Brussels Amsterdam Kyiv Riga Istanbul Ankara Tehran Dubai Havana
""")

COUNTRIES = _listed("""
Sweden Finland Denmark Iceland Belgium Switzerland Greece Turkey Egypt Kenya Nigeria Morocco India China Mongolia
Korea Vietnam Thailand Brazil Chile Peru Argentina Mexico Cuba Australia Russia Ukraine Hungary Romania Bulgaria
Croatia Serbia Iran Iraq Israel Lebanon Nepal Bhutan Laos Ghana Senegal Mali Chad Sudan Libya Malta Cyprus Estonia
""")

SYLLABLES = _listed("""
ba be bi bo bu ca ce ci co da de di do du el en er fa fe fi fo ga ge gi go ha he hi ho in is ja jo ka ke ki ko
la le li lo lu ma me mi mo mu na ne ni no nu or os pa pe pi po qua ra re ri ro ru sa se shi so sta su ta te ti
to tra tu ul un va ve vi vo wa we wi xa ya yo za zo
""")

FOREIGN = (
    "Was ist die Hauptstadt von Frankreich?",
    "Wie geht es dir heute?",
    "Kannst du mir bitte helfen, einen Brief zu schreiben?",
    "Erkläre mir die Relativitätstheorie in einfachen Worten.",
    "Quelle est la capitale de l'Espagne ?",
    "Bonjour, comment ça va ?",
    "Écris un poème sur la mer et les étoiles.",
    "Pourquoi le ciel est-il bleu ?",
    "¿Cuál es la capital de Italia?",
    "¿Puedes ayudarme con mi tarea de matemáticas?",
    "Hola, ¿qué tal estás?",
    "Come si prepara la pasta alla carbonara?",
    "Qual è il fiume più lungo del mondo?",
    "Qual é a montanha mais alta do mundo?",
    "Hur lagar man köttbullar?",
    "Jak się masz?",
    "Как тебя зовут?",
    "Расскажи мне о Москве.",
    "Яка сьогодні погода?",
    "你好,你是谁?",
    "请帮我写一封信。",
    "今日の天気はどうですか?",
    "日本の首都はどこですか?",
    "안녕하세요, 오늘 날씨가 어때요?",
    "ما هي عاصمة مصر؟",
    "भारत की राजधानी क्या है?",
    "Τι είναι η φιλοσοφία;",
    "İstanbul nerede?",
)

SNIPPETS = (
    "def add(a, b):\n    return a + b",
    "for (let i = 0; i < 10; i++) {\n  console.log(i);\n}",
    "SELECT name, count(*) FROM users GROUP BY name ORDER BY 2 DESC;",
    'Traceback (most recent call last):\n  File "main.py", line 3, in <module>\nValueError: bad input',
    "public static void main(String[] args) { System.out.println(args.length); }",
    '{"name": "box", "items": [1, 2, 3], "open": false}',
    "curl -X POST https://example.com/items -d '{\"id\": 7}'",
    "#include <stdio.h>\nint main(void) { return 0; }",
    "| name | price |\n|---|---|\n| tea | 3 |\n| milk | 2 |",
    '<div class="card"><p>Hello</p></div>',
    'fn main() { println!("{}", 1 + 1); }',
    "- buy milk\n- call the bank\n- write the report",
    "ERROR 2026-03-04 12:00:01 connection refused (os error 111)",
    "x^2 + 3x - 4 = 0",
    "docker run -p 80:80 nginx:latest",
)
