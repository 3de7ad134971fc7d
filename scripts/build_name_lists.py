#!/usr/bin/env python3
"""Builds data/legal_forms.tsv, generic_words.tsv, abbreviations.tsv and function_words.tsv.

usage: build_name_lists.py LISTS_FOLDER [OUTPUT_FOLDER]

LISTS_FOLDER holds rigour_org_types.tsv (OpenSanctions rigour, MIT), iso20275_elf_legal_forms.tsv (GLEIF entity legal
forms, CC0), cleanco_legal_terms.tsv (MIT) and dnb_legal_names.tsv (De Nederlandsche Bank name_matching, MIT).
The hand-made rows come first and win; a row of a list enters only if its spelling cannot be a plain word of a name.
"""

import csv
import re
import sys
import unicodedata
from pathlib import Path

from word_lists import ABBREVIATIONS, FUNCTION, GENERIC, PLACES

DATE = "2026-11-21"

# form | position | normal form | class | partners. Spellings of one form are separated by "/" with spaces around.
#   behind  only at the end of a name            front   only in front
#   both    at either end                        any     also inside a name
#   front?  in front, if corroborated: the rest is quoted, in another script, or ends in one of `partners`;
#           and at the end without condition     before? the same, but never at the end
#   keep    not a legal form, though a shorter one would fit its end
BY_HAND = """
inc|inside|inc|llc|
incorporated / incorp|behind|inc|llc|
corp / corporation / corpn / corporated|behind|corp|llc|
co / company / comp / coy / cie / compagnie / compania / companhia / kompania / & co / & company / & cie|behind|co||
ltd|inside|ltd|llc|
limited / ltée / ltee / limitée / lmtd / limted / リミテッド|behind|ltd|llc|
インク / コーポレーション|behind|inc|llc|
カンパニー|behind|co||
llc / l.l.c. / l.l. c. / limited liability company / limited liability co / limited liability comp / ltd liability co|any|llc|llc|
limited liability|behind|llc|llc|
lc|behind|llc|llc|
pllc / professional limited liability company / professional llc|behind|pllc|llc|
lp / l.p. / limited partnership / ltd partnership|behind|lp|lp|
llp / l.l.p. / limited liability partnership|behind|llp|llp|
lllp / rllp / limited liability limited partnership|behind|lllp|llp|
plc / p.l.c. / public limited company / public ltd company / public ltd co / public limited co / public co ltd / pub ltd co / public company limited / public company / pcl|behind|plc|jsc|
dac / designated activity company|behind|dac|llc|
ulc / ultd / unlimited / unlimited company / unlimited liability company / unltd|behind|ultd|sp|
clg / company limited by guarantee|behind|clg||
cic / community interest company|behind|cic|ngo|
pty ltd / proprietary limited / pty limited / proprietary ltd / p/l|any|pty ltd|llc|
pty / proprietary|behind|pty ltd|llc|
pvt ltd / private limited / pvt limited / private ltd / p ltd / p limited / pvtltd / privatelimited / pvt|any|pvt ltd|llc|
opc pvt ltd / opc private limited / opc|behind|pvt ltd|llc|
pte ltd / pte limited / pteltd / private ltd pte|any|pte ltd|llc|
pte|behind|pte ltd|llc|
sdn bhd / sendirian berhad / sdn berhad|any|sdn bhd|llc|
sdn|behind|sdn bhd|llc|
bhd / berhad|behind|bhd|jsc|
co ltd / co limited / company limited / company ltd / co lt / coltd / corp ltd / co pvt ltd / ltd co|any|coltd|llc|
limited company|behind|coltd|llc|
pc / p.c. / professional corporation|behind|pc||
n.a. / na / national association|behind|na|fin|
nt&sa / national trust and savings association|behind|na|fin|
gmbh / mbh / gesmbh / ges.m.b.h. / ges mbh / gmb.h / gesellschaft m b h / gesellschaft mit beschränkter haftung / ges mit beschränkter haftung / gesellschaft m.b.h. / gesellschaft mbh / gesellschaft mit beschr haftung|any|gmbh|llc|
gemeinnützige gmbh / ggmbh / gemeinnützige gesellschaft mit beschränkter haftung|any|ggmbh|llc|
gmbh & co kg / gmbh & co / gmbh u co kg / mbh & co kg / gmbh + co kg / gmbh und co kommanditgesellschaft / gesellschaft mit beschränkter haftung & co kg / gmbh cokg / gmbh & cokg|any|gmbh & co kg|lp|
ag & co kg / aktiengesellschaft & co kg / ag und co kg|behind|ag & co kg|lp|
gmbh & co kgaa|behind|gmbh & co kgaa|lp|
se & co kg|behind|se & co kg|lp|
se & co kgaa|behind|se & co kgaa|lp|
ag & co kgaa|behind|ag & co kgaa|lp|
gmbh & co ohg|behind|gmbh & co ohg|gp|
kgaa / kommanditgesellschaft auf aktien|behind|kgaa|lp|
kg / kommanditgesellschaft|behind|kg|lp|
ohg / offene handelsgesellschaft / og / offene gesellschaft / oeg|behind|ohg|gp|
ag / aktiengesellschaft / aktienges / gag|behind|ag|jsc|
ug / gug / ug haftungsbeschränkt / unternehmergesellschaft haftungsbeschränkt / unternehmergesellschaft / haftungsbeschränkt|behind|ug|llc|
general partnership|behind|gp|gp|
gbr / gesellschaft bürgerlichen rechts / egbr|behind|gbr|gp|
e.k. / ek / e.kfm. / e.kfr. / eingetragener kaufmann / eingetragene kauffrau|behind|ek|sp|
e.v. / ev / eingetragener verein|behind|ev|ngo|
eg / e.g. / eingetragene genossenschaft|behind|eg|coop|
partg mbb / partgmbb / partg / partnerschaftsgesellschaft / partnerschaftsgesellschaft mbb / mbb|behind|partg|llp|
vvag / versicherungsverein auf gegenseitigkeit / versicherungsverein a.g.|behind|vvag|coop|
anstalt des öffentlichen rechts / a.ö.r. / körperschaft des öffentlichen rechts / k.d.ö.r.|behind|aor|soe|
se / societas europaea|behind|se|jsc|
sa / société anonyme / sociedad anónima / sociedade anónima / societate anonima / sociedade anônima / s/a|front?|sa|jsc|nv,bv
sarl / s.à r.l. / s.a r.l. / société à responsabilité limitée / sarlu / surl|both|sarl|llc|
eurl|both|eurl|llc|
sas / société par actions simplifiée / sociedad por acciones simplificada / société par actions simplifiée unipersonnelle / sasu|behind|sas|llc|
snc / société en nom collectif / società in nome collettivo|behind|snc|gp|
société civile immobilière|both|sci||
sci|before?|sci||
scs / société en commandite simple / secs|behind|scs|lp|
scsp / s.c.sp. / société en commandite spéciale|behind|scsp|lp|
sca / société en commandite par actions|behind|sca|lp|
scop / société coopérative / sociedad cooperativa / società cooperativa / soc coop / scarl / società cooperativa a responsabilità limitata / scpa / société coopérative à responsabilité limitée / scrl / soc. coop. a r.l.|behind|scop|coop|
gie / groupement d'intérêt économique|behind|gie|coop|
sicav / sicaf|behind|sicav|fin|
srl|front?|srl|llc|srl
srl / s.r.l. / società a responsabilità limitata / sociedad de responsabilidad limitada / societate cu răspundere limitată / s. de r.l. / s.r.l.u.|inside|srl|llc|
srls / s.r.l.s. / società a responsabilità limitata semplificata|any|srls|llc|
srl unipersonale / srl a socio unico / srl societa unipersonale|behind|srl|llc|
spa / società per azioni / s.p.a. / sociedad por acciones|behind|spa|jsc|
srl socio unico / spa socio unico / unipersonale|behind|srl|llc|
sas di / snc di|inside|sas|lp|
day spa / and spa / medical spa / med spa / resort spa / nail spa / nails spa / hair spa / beauty spa / wellness spa / salon spa / hotel spa / health spa / pet spa / hot spa / family spa|keep|||
società semplice / società agricola semplice|behind|ss|gp|
società in accomandita semplice|behind|sas|lp|
sl / sociedad limitada / s.l. / slu / sociedad limitada unipersonal / s.l. unipersonal / sl unipersonal / sociedad unipersonal / sl sociedad unipersonal / sociedad de responsabilidad limitada unipersonal|behind|sl|llc|
slp / sociedad limitada profesional / slne / sll / sociedad limitada laboral|behind|sl|llc|
socimi / socimi sa / sau / sa unipersonal / sociedad anónima unipersonal|behind|sau|jsc|
sac / sociedad anónima cerrada|behind|sac|jsc|
sad / sociedad anónima deportiva|behind|sad|jsc|
sa de cv / s.a. de c.v. / sociedad anónima de capital variable / sab de cv / s.a.b. de c.v. / sapi de cv / s.a.p.i. de c.v. / sofom / sociedad anónima bursátil de capital variable / sa de c.v. sofom enr|any|sa de cv|jsc|
s de rl de cv / s. de r.l. de c.v. / srl de cv / s de r l de cv / s de rl / s. de r.l. mi|any|srl de cv|llc|
sc de rl de cv / s.c. de r.l. de c.v.|behind|sc de rl de cv|coop|
spr de rl de cv|behind|spr||
ltda / limitada / lda / sociedade limitada / sociedad limitada ltda / cia ltda / compañía limitada / e.i.r.l. / eirl / empresa individual de responsabilidade limitada / eireli / lda unipessoal / unipessoal lda / sociedade unipessoal lda / ltda me / ltda epp|behind|ltda|llc|
s.g.p.s. sa / sgps sa / sgps|behind|sa|jsc|
sab / sapi / saa|behind|sa de cv|jsc|
sagl|behind|sarl|llc|
k.d. / komanditna družba|behind|kd|lp|
ans|behind|ans|gp|
fsb|behind|fsb|fin|
д.о.о. / доо / дооел|both|doo|llc|
bv|before?|bv|llc|bv,sprl,srl,nv
bv|inside|bv|llc|
besloten vennootschap / besloten vennootschap met beperkte aansprakelijkheid / private company with limited liability|both|bv|llc|
coöperatieve vennootschap met beperkte aansprakelijkheid / coöperatieve vennootschap|both|cvba|coop|
nv / n.v. / naamloze vennootschap|front?|nv|jsc|sa,nv
sa/nv / nv/sa / sa nv / bv/srl / srl/bv / bvba/sprl / sprl/bvba|behind|nv|jsc|
bvba / sprl / société privée à responsabilité limitée / cvba / sprlu / ebvba|both|bvba|llc|
vof / v.o.f. / vennootschap onder firma|both|vof|gp|
commanditaire vennootschap / comm.v. / commv|behind|cv|lp|
cv|front?|cv|lp|
comm va|behind|cva|lp|
asbl / aisbl / association sans but lucratif|both|asbl|ngo|
vzw / ivzw / vereniging zonder winstoogmerk|both|vzw|ngo|
ua / u.a. / w.a. / coöperatie u.a.|behind|ua|coop|
ab / aktiebolag / abp / ab publ / publ ab / aktiebolaget publ|front?|ab|jsc|oy,oyj,ab
aktiebolaget|both|ab|jsc|
publ|behind|ab|jsc|
hb / handelsbolag / kb / kommanditbolag / hb publ|behind|hb|gp|
ekonomisk förening / ek för / ek. för.|behind|ekfor|coop|
as / a/s / aktieselskab / aksjeselskap / aktieselskabet / aksjeselskapet|front?|as|jsc|as
asa / allmennaksjeselskap|behind|asa|jsc|
aps / anpartsselskab / ivs / iværksætterselskab|behind|aps|llc|
amba / a.m.b.a. / fmba / smba|behind|amba|coop|
k/s / kommanditselskab / p/s / partnerselskab / i/s / interessentskab|behind|ks|lp|
ansvarlig selskap|behind|da|gp|
nuf|behind|nuf||
oy / osakeyhtiö|both|oy|llc|
ab oy / oy ab|both|oy|llc|
oyj / oyj abp / julkinen osakeyhtiö|behind|oyj|jsc|
kommandiittiyhtiö / avoin yhtiö / osuuskunta osk|behind|ky|lp|
r.y. / ry / rekisteröity yhdistys / r.f.|behind|ry|ngo|
ehf / hf / einkahlutafélag / hlutafélag / ohf / slhf|behind|ehf|llc|
oü / osaühing|before?|ou|llc|
oü / osaühing|behind|ou|llc|
aktsiaselts|both|as|jsc|
mtü|front?|mtu|ngo|
sia / sabiedrība ar ierobežotu atbildību|front?|sia|llc|
akciju sabiedrība|both|as|jsc|
uab / uždaroji akcinė bendrovė|front?|uab|llc|
akcinė bendrovė|both|ab|jsc|
mažoji bendrija / všį / viešoji įstaiga|front?|mb|llc|
sp z o.o. / sp. z o.o. / sp zoo / spzoo / sp. z oo / spółka z o.o. / spółka zoo / spółka z ograniczoną odpowiedzialnością / spółka z o o / sp. z.o.o. / s. z o.o.|any|spzoo|llc|
sp z o.o. sp k / sp. z o.o. sp. k. / spółka z ograniczoną odpowiedzialnością spółka komandytowa / sp. z o.o. spółka komandytowa / sp. z o.o. s.k.|any|spzoo spk|lp|
spółka komandytowa / sp k / sp. k. / spk|behind|spk|lp|
spółka jawna / sp j / sp. j. / spj|behind|spj|gp|
spółka akcyjna / s.a.|behind|sa|jsc|
spółka cywilna|behind|sc|gp|
spółka komandytowo-akcyjna|behind|ska|lp|
prosta spółka akcyjna|behind|psa|jsc|
sro / s.r.o. / spol. s r.o. / spol s r.o. / spol. sro / společnost s ručením omezeným / spoločnosť s ručením obmedzeným / spol s ro|inside|sro|llc|
akciová společnost / akciová spoločnosť / akc. spol.|behind|as|jsc|
v.o.s. / veřejná obchodní společnost / k.s. / komanditní společnost / komanditná spoločnosť|behind|ks|lp|
j.s.a.|behind|jsa|jsc|
státní podnik / štátny podnik|behind|sp|soe|
z.s. / zapsaný spolek / z.ú. / obecně prospěšná společnost|behind|zs|ngo|
kft / korlátolt felelősségű társaság|behind|kft|llc|
zrt / zártkörűen működő részvénytársaság|behind|zrt|jsc|
nyrt / nyilvánosan működő részvénytársaság|behind|nyrt|jsc|
rt / részvénytársaság|behind|rt|jsc|
bt / betéti társaság|behind|bt|lp|
kkt / közkereseti társaság|behind|kkt|gp|
doo / d.o.o. / društvo s ograničenom odgovornošću / društvo sa ograničenom odgovornošću / družba z omejeno odgovornostjo / jdoo / j.d.o.o. / društvo s ograničenom odgovornošću za usluge|inside|doo|llc|
dd / d.d. / dioničko društvo / delniška družba|behind|dd|jsc|
a.d. / ad / akcionarsko društvo|behind|ad|jsc|
dooel|behind|doo|llc|
оод / дружество с ограничена отговорност|both|ood|llc|
ood / eood|behind|ood|llc|
ад / акционерно дружество|both|ad|jsc|
ead|behind|ad|jsc|
еад / еоод|both|eood|llc|
sc|before?|sc||srl,sa,ltd
sh.p.k. / shpk|both|shpk|llc|
sh.a.|behind|sha|jsc|
ltd şti / limited şirketi / ltd. şti. / san. ve tic. ltd. şti. / san ve tic ltd şti / sanayi ve ticaret limited şirketi / san. tic. ltd. şti. / tic. ltd. şti. / ticaret limited şirketi / san. ve tic. a.ş. / san. tic. a.ş. / sanayi ve ticaret anonim şirketi / sanayi ticaret anonim şirketi / ticaret anonim şirketi / sanayi ve ticaret a.ş. / ticaret a.ş.|behind|ltd sti|llc|
sanayi ve ticaret / ticaret ve sanayi / san ve tic / tic ve san / san tic / ticaret ve sanayi anonim şirketi / ticaret ve sanayi limited şirketi / tic ve san ltd şti / a.ş. / anonim şirketi / anonim şirket / aş|behind|as|jsc|
a.e. / ae / anonymi etaireia / s.a.i.c.|behind|ae|jsc|
ανώνυμη εταιρεία / ανώνυμη εταιρία / α.ε. / αε|both|ae|jsc|
εταιρεία περιορισμένης ευθύνης / ε.π.ε. / επε / μονοπρόσωπη επε / ι.κ.ε. / ικε / ιδιωτική κεφαλαιουχική εταιρεία / μονοπρόσωπη ικε|both|epe|llc|
ομόρρυθμη εταιρεία / ο.ε. / οε|both|oe|gp|
ετερόρρυθμη εταιρεία / ε.ε. / εε|both|ee|lp|
ооо / общество с ограниченной ответственностью / общество с ограниченной отвественностью|any|ooo|llc|
ooo / obshchestvo s ogranichennoy otvetstvennostyu|both|ooo|llc|
ао / акционерное общество|both|ao|jsc|
ao / aktsionernoe obshchestvo / aktsionernoye obshchestvo|front?|ao|jsc|ooo
зао / закрытое акционерное общество|any|zao|jsc|
zao|both|zao|jsc|
оао / открытое акционерное общество|any|oao|jsc|
oao|both|oao|jsc|
пао / публичное акционерное общество|any|pao|jsc|
pao|before?|pao|jsc|
pao|behind|pao|jsc|
нпао / непубличное акционерное общество|any|npao|jsc|
ип / индивидуальный предприниматель|both|ip|sp|
фгуп / федеральное государственное унитарное предприятие / гуп / муп / фгбу|both|fgup|soe|
fgup|both|fgup|soe|
тоо / товарищество с ограниченной ответственностью|both|too|llp|
тов / товариство з обмеженою відповідальністю|any|tov|llc|
tov|front?|tov|llc|
прат / приватне акціонерне товариство / пат / публічне акціонерне товариство / ат / акціонерне товариство / ват / зат|both|at|jsc|
prjsc / private joint stock company|both|jsc|jsc|
пп / приватне підприємство / чп / частное предприятие / фоп|both|pp|sp|
чуп / унитарное предприятие / частное унитарное предприятие / уп / одо|both|up|llc|
jsc / joint stock company / joint-stock company / joint stock co / js co / jnt stock co / jt stock co|both|jsc|jsc|
ojsc / open joint stock company / open jsc|both|oao|jsc|
cjsc / closed joint stock company / closed jsc|both|zao|jsc|
pjsc / public joint stock company / public jsc|both|pjsc|jsc|
qpsc / qsc / psc / saog / saoc|behind|pjsc|jsc|
ksc / k.s.c.c. / kscc / kscp / k.s.c.p. / kpsc / bsc / b.s.c. / bscc / bsc closed|behind|ksc|jsc|
wll / w.l.l. / spc|behind|wll|llc|
fze / fz-llc / fz llc / fzllc / fzco / fz co / fz-co / fzc / dmcc / dwc-llc / dwc llc / fzlle / fz-lle / free zone company / free zone establishment|behind|fze|llc|
sae / s.a.e. / s.a.l. / sal|behind|sae|jsc|
sal offshore / sal holding|behind|sae|jsc|
est / establishment|behind|est|sp|
tbk|behind|tbk|jsc|
pt / perseroan terbatas|front?|pt||tbk,pt
persero / perseroan|behind|pt||
công ty tnhh / công ty trách nhiệm hữu hạn / cty tnhh / công ty tnhh một thành viên / công ty tnhh mtv|both|tnhh|llc|
công ty cổ phần / cty cp / công ty cp|both|cty cp|jsc|
công ty / tổng công ty|front|cty||
kk / k.k. / kabushiki kaisha / kabushikigaisha / kabushiki kaishya / kabushiki-kaisha|behind|kk|jsc|
kabushiki kaisha|both|kk|jsc|
yugen kaisha / y.k. / yk|behind|yk|llc|
godo kaisha / g.k. / gk|behind|gk|llc|
zweigniederlassung deutschland / niederlassung deutschland|behind|branch||
in liquidation / in liquidazione / in liquidatie / w likwidacji / v likvidaci / v likvidácii / en liquidation / en liquidación / in liqu / i.l. / in abwicklung / felszámolás alatt / végelszámolás alatt / u likvidaciji / u stečaju|behind|in liquidation||
société anonyme d'économie mixte|behind|sem|soe|
شركة / الشركة|front|شركة||
ذ.م.م / ذات مسؤولية محدودة / المحدودة / محدودة / ش.ذ.م.م / ذ.م.م.|behind|ذمم|llc|
ش.م.ع / شركة مساهمة عامة / مساهمة عامة / ش.م.ل / ش.م.م / ش.م.ك / شركة مساهمة / ش.م.ب / ش.م.ق / شركة مساهمة مصرية|behind|شمع|jsc|
בע"מ / בעמ|behind|בעמ|llc|
ע"ר|behind|ער|ngo|
株 / 株式会社 / 株式會社|both|株式会社|jsc|
有 / 有限会社 / 有限會社|both|有限会社|llc|
合 / 合同会社 / 合資会社 / 合名会社|both|合同会社|llc|
주 / 주식회사|both|주식회사|jsc|
유 / 유한회사 / 유한책임회사|both|유한회사|llc|
사 / 사단법인 / 재 / 재단법인|both|사단법인|ngo|
有限公司 / 有限责任公司 / 有限責任公司|both|有限公司|llc|
股份有限公司 / 股份公司 / 股份有限責任公司|both|股份有限公司|jsc|
บริษัท|front|บริษัท||
จำกัด|behind|จำกัด|llc|
จำกัด มหาชน / มหาชน|behind|มหาชน|jsc|
บมจ|front|มหาชน|jsc|
บจก|front|จำกัด|llc|
ห้างหุ้นส่วนจำกัด / หจก|front|หจก|lp|
შპს|both|შპს|llc|
სს|both|სს|jsc|
ՍՊԸ|both|ՍՊԸ|llc|
ФОП|both|fop|sp|
"""

# Written against the name without a space, at either end: form | normal form | class.
GLUED = """
股份有限责任公司|股份有限公司|jsc
股份有限公司|股份有限公司|jsc
股份公司|股份有限公司|jsc
有限责任公司|有限公司|llc
有限責任公司|有限公司|llc
有限公司|有限公司|llc
株式会社|株式会社|jsc
株式會社|株式会社|jsc
有限会社|有限会社|llc
合同会社|合同会社|llc
合資会社|合資会社|lp
合名会社|合名会社|gp
一般社団法人|社団法人|ngo
公益社団法人|社団法人|ngo
一般財団法人|財団法人|ngo
公益財団法人|財団法人|ngo
特定非営利活動法人|特定非営利活動法人|ngo
医療法人社団|医療法人|ngo
医療法人|医療法人|ngo
学校法人|学校法人|ngo
社会福祉法人|社会福祉法人|ngo
独立行政法人|独立行政法人|soe
国立大学法人|国立大学法人|soe
地方独立行政法人|独立行政法人|soe
国立研究開発法人|独立行政法人|soe
주식회사|주식회사|jsc
유한회사|유한회사|llc
유한책임회사|유한회사|llc
사단법인|사단법인|ngo
재단법인|재단법인|ngo
บริษัท|บริษัท|
จำกัด|จำกัด|llc
ห้างหุ้นส่วนจำกัด|หจก|lp
มหาชน|มหาชน|jsc
"""

# Rigour's classes that name institutions or trades rather than companies: such words belong to the name.
CLASSES_OUT = {"SOE", "NGO", "MIL", "REL", "FIN", "COOP", "JV"}

# Its classes of companies: their spelled-out forms need no stem.
COMPANY_CLASSES = {"LLC", "JSC", "LP", "LLP", "GP"}

# A spelled-out form must hold one of these stems; "Investment Fund" or "Municipal Authority" do not.
STEMS = re.compile(
    r"limit|liab|societ|sociedad|socied|^soc\b|company|gesellschaft|haftung|aktien|aktsion|akcion|akcij|akciov|"
    r"vennootschap|selskab|selskap|bolag|yhtio|partnership|tarsasag|spolecnost|spolocnost|spolka|drustvo|druzba|"
    r"joint.stock|obshchestvo|obshestvo|tovarystvo|tovaristvo|tavarystva|bendrove|sabiedriba|uhing|perseroan|"
    r"responsab|actions|azioni|acciones|acoes|sirketi|ortaklik|общество|товарист|таварыств|товарищ|друштво|"
    r"дружество|εταιρ|公司|会社|會社|法人|회사|有限|شركة|jamiyat|жамият|cemiyyet|felag"
)
# Multi-word entries that hold a stem and are still ordinary words of names.
WORDS_OUT = re.compile(
    r"trust|fund|bank|insurance|cooperat|university|foundation|association|church|club|school|investment company|"
    r"holding|statutory|building society|friendly|provident|mutual|credit union|branch|overseas|foreign|agricultural|"
    r"business|general|special|civil|public company|private company|professional|historical|savings|community|"
    r"assurance|project|international|partnerships"
)


def fold(text: str) -> str:
    """Lower case, without marks, dots and apostrophes; other punctuation becomes a space."""
    text = unicodedata.normalize("NFKC", text).lower().replace("ß", "ss").replace("ł", "l").replace("ø", "o")
    text = text.replace("æ", "ae").replace("đ", "d").replace("ı", "i").replace("ð", "d").replace("ə", "a")
    if any("a" <= c <= "z" for c in text):
        text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = re.sub(r"[.'’`ʹ\"]", "", text)
    return " ".join(re.sub(r"[^\w&]+", " ", text).split())


def glue(text: str) -> str:
    return fold(text).replace(" ", "")


def hand_rows():
    for line in BY_HAND.strip().splitlines():
        forms, position, normal, kind, partners = line.split("|")
        for form in forms.split(" / "):
            yield form.strip(), position, normal, kind, partners


def umlaut_spellings(form: str):
    """German and Nordic forms are also typed with two vowels: beschraenkter."""
    other = form
    for mark, two in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        other = other.replace(mark, two)
    return [form] if other == form else [form, other]


def table(folder: Path, name: str):
    with open(folder / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def is_latin(form: str) -> bool:
    return any("a" <= c <= "z" for c in fold(form))


def long_form_allowed(form: str) -> bool:
    folded = fold(form)
    words = folded.split()
    if not STEMS.search(folded) or WORDS_OUT.search(folded) or len(words) > 9:
        return False
    return len(words) >= 2 or len(folded) >= 12 or not is_latin(form)


def spelled_out(form: str) -> bool:
    folded = fold(form)
    if WORDS_OUT.search(folded):
        return False
    return (len(folded.split()) >= 2 and len(folded) >= 9) or (not is_latin(form) and len(folded) >= 3)


def class_of(form: str) -> str:
    """The class that the words of a spelled-out form name."""
    folded = fold(form)
    for kind, stems in (
        ("lp", "commandit|kommandit|comandit|accomandit|limited partnership|komandit|командит"),
        ("llp", "limited liability partnership"),
        ("jsc", "joint.stock|aktien|anonim|anonym|azioni|acciones|actions|acoes|public limited|акционер|акціонер|股份"),
        ("llc", "limited liability|beschrankt|responsa|limitada|ogranicz|ограничен|обмежен|private limited|有限"),
        ("gp", "partnership"),
    ):
        if re.search(stems, folded):
            return kind
    return ""


def position_of(form: str) -> str:
    """Spelled-out forms of several words and forms in other scripts stand on either side."""
    folded = fold(form)
    if not is_latin(form):
        return "both"
    return "both" if len(folded.split()) >= 3 and len(folded) >= 18 else "behind"


def main() -> None:
    lists = Path(sys.argv[1])
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).resolve().parent.parent / "data"
    rows, seen, normal_of = [], set(), {}

    def add(form, position, normal, kind, partners, source):
        for spelling in umlaut_spellings(form):
            # Dots may join letters or separate words, so spellings that differ in dots are rows of their own; a list
            # adds no place to a form written by hand.
            key = (spelling.lower(), position)
            if not fold(spelling) or key in seen or (source != "hand" and fold(spelling) in folded_by_hand):
                continue
            seen.add(key)
            if source == "hand":
                folded_by_hand.add(fold(spelling))
            normal_of.setdefault(glue(spelling), (normal, kind))
            rows.append((spelling.lower() if is_latin(spelling) else spelling, position, normal, kind, partners, source))

    folded_by_hand = set()
    for form, position, normal, kind, partners in hand_rows():
        add(form, position, normal, kind, partners, "hand")

    # A list's spellings join the hand-made form that one of their own spellings has.
    for row in table(lists, "rigour_org_types.tsv"):
        kind, compare = row["generic_form"], row["compare_form"]
        alias = row["alias"]
        if kind in CLASSES_OUT or compare == "<remove>":
            continue
        if not long_form_allowed(alias) and not (kind in COMPANY_CLASSES and spelled_out(alias)):
            continue
        normal, known = normal_of.get(glue(compare), (glue(compare) or glue(alias), kind.lower()))
        add(alias, position_of(alias), normal, known or kind.lower(), "", "rigour")

    for row in table(lists, "iso20275_elf_legal_forms.tsv"):
        if row["status"] != "ACTV":
            continue
        abbreviations = [a for a in re.split(r"[;,]", row["abbr_local"] + ";" + row["abbr_translit"]) if a.strip()]
        for form in {row["legal_form_local"], row["legal_form_translit"]}:
            form = re.sub(r"\(.*?\)", " ", form).strip()
            if not form or not long_form_allowed(form):
                continue
            known = [normal_of[glue(a)] for a in abbreviations + [form] if glue(a) in normal_of]
            normal, kind = known[0] if known else (glue(abbreviations[0]) if abbreviations else glue(form), "")
            add(form, position_of(form), normal, kind or class_of(form), "", "elf")

    for name, column in (("cleanco_legal_terms.tsv", "term"), ("dnb_legal_names.tsv", "legal_form")):
        for row in table(lists, name):
            form = row[column]
            if long_form_allowed(form):
                other = row.get("abbreviation", "")
                normal, kind = normal_of.get(glue(form)) or normal_of.get(glue(other)) or (glue(form), "")
                add(form, position_of(form), normal, kind or class_of(form), "", name.split("_")[0])

    for line in GLUED.strip().splitlines():
        form, normal, kind = line.split("|")
        rows.append((form, "glued", normal, kind, "", "hand"))

    with open(out / "legal_forms.tsv", "w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"# Legal forms of companies, {DATE}. Built by scripts/build_name_lists.py; correct the script, not this file.\n"
            "# Sources: written by hand (hand); OpenSanctions rigour, MIT (rigour); ISO 20275 entity legal forms, GLEIF,\n"
            "# CC0 (elf); cleanco, MIT (cleanco); De Nederlandsche Bank name_matching, MIT (dnb).\n"
            "# position: behind, front, both, inside (and behind), any, front? and before? (in front only where `partners` or\n"
            "# the rest of the name corroborate it; front? also behind without condition), glued (written against the\n"
            "# name), keep (looks like a form and is not). normal: one for each form; class: across countries.\n"
            "# form\tposition\tnormal\tclass\tpartners\tsource\n"
        )
        for row in rows:
            file.write("\t".join(row) + "\n")
    print(f"{len(rows)} legal forms")
    write_words(out)


def write_words(out: Path) -> None:
    """Generic words go in under the form that abbreviations lead to, since only that is seen."""
    full_of = {}
    for line in ABBREVIATIONS.strip().splitlines():
        full, shorts = line.split(": ")
        for short in shorts.split():
            assert full_of.setdefault(fold(short), full) == full, short
    for full in full_of.values():
        assert full not in full_of, f"{full} is itself an abbreviation"
    function = FUNCTION.split()
    generic = {full_of.get(word, word) for word in GENERIC.split()} - set(function)
    places = {full_of.get(word, word) for word in PLACES.split()} - set(function) - generic
    origin = f"{DATE}. Built by scripts/build_name_lists.py from scripts/word_lists.py; correct the script, not this file.\n"
    with open(out / "abbreviations.tsv", "w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"# Abbreviations and other grammatical numbers of common words, {origin}"
            "# Written by hand from frequent words of real names (GLEIF legal names, CC0; US patent assignees).\n"
            "# short form\tthe one form that keys use\n"
        )
        file.writelines(f"{short}\t{full}\n" for short, full in sorted(full_of.items()))
    with open(out / "generic_words.tsv", "w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"# Words that stay in a key and carry almost no evidence, {origin}"
            "# Chosen by hand among the most frequent words, last words above all, of 326,188 legal names (GLEIF, CC0),\n"
            "# common words of De Nederlandsche Bank name_matching (MIT) and symbols of OpenSanctions rigour (MIT):\n"
            "# what a company does, owns or is. Frequent words that are brands (Sun, Delta, Alpha) are left out; the\n"
            "# frequency prior already lowers them. A place is generic only behind a word that is not (Acme Ireland, but\n"
            "# Bank of Ireland).\n"
            "# word\t`place` if it is one\n"
        )
        file.writelines(f"{word}\t{'place' if word in places else ''}\n" for word in sorted(generic | places))
    with open(out / "function_words.tsv", "w", encoding="utf-8", newline="\n") as file:
        file.write(f"# Articles, prepositions and conjunctions, {origin}# Written by hand; facts of the languages.\n")
        file.writelines(f"{word}\n" for word in function)
    print(f"{len(full_of)} abbreviations, {len(generic | places)} generic words, {len(function)} function words")


if __name__ == "__main__":
    main()
