"""Generic words and abbreviations, written by hand from frequent words of real names; used by build_name_lists.py.

Checked against the last words of 326,188 legal names (GLEIF, CC0), De Nederlandsche Bank's common words (MIT) and
OpenSanctions rigour's symbols (MIT): a word is generic where it tells what a company does, owns or is, in any trade.
"""

# Folded words that stay in a key but carry almost no evidence.
GENERIC = """
company corporation incorporated limited ltd inc corp llc gmbh gesellschaft compagnie compania societe sociedad
societa society association federation union council committee commission board
group groupe grupo gruppo gruppe gruppen konzern holding holdings beteiligungs beteiligung beteiligungen
verwaltungs verwaltung trust fund funds foundation fondation fundacion fundacao fondazione stiftung stichting fonds
international global worldwide world national federal regional europeanamerican
bank banking banque banco banca insurance assurance assurances versicherung seguros finance financial finanz capital
investment investments investors investing equity asset assets wealth ventures venture partners partnership advisors
advisory management consulting consultants consultancy consult services servicios servizi solutions systems systeme
sistemas technology tech digital data cloud software hardware computer computers computing electronics electronic
electric electrical network networks telecom communications media online web internet mobile wireless interactive
products product production productions manufacturing manufacturers factory works mill mills plant industries
industrial industrie industria industriale enterprises enterprise entreprise entreprises empresa empresas impresa
trading traders trade commerce commercial handel handels export exports import imports impex sales supply supplies
suppliers distribution distributors distributor wholesale retail store stores shop market marketing markets mart
agency agencies agent agents construction constructions contractors contracting builders building buildings bau
engineering engineers engineer design designs architects development developments developers realty property
properties estate estates land homes housing house immobilien immobiliare immobiliaria real
logistics transport transportation transports shipping freight cargo express travel tours tourism hotel hotels
hospitality resort resorts restaurant restaurants food foods beverage beverages catering
energy power solar oil gas petroleum mining minerals metals metal steel water environmental resources renewables
health healthcare medical medicine clinic hospital hospitals pharmaceuticals pharmacy biotech therapeutics labs
laboratory laboratories research institute institut instituto istituto university universitat universite universidad
universidade universita universiteit college school schools academy education educational training learning center
centro centrum office studio studios project projects program department division branch agencia ministry government
municipal city county state district authority
automotive auto motors motor machinery machines machine tools equipment equipments components parts materials
chemical chemicals chemie plastics plastic textile textiles fashion furniture packaging printing publishing
security safety protection controls control automation instruments
entertainment productions events sports club clubs fitness
agricultural agriculture farms farm
associates sons brothers family team network
com net org www io
attorneys law legal accounting accountants audit tax staffing recruitment personnel
maintenance repair cleaning rental leasing lease investissement investissements inversiones investimentos
participations participation participacoes participaciones beheer
service general united first new central premier
plan pension scheme settlement
infrastructure infra storage science sciences scientific brands brand offshore aviation acquisition acquisitions
recycling administration maritime marine station bancorp bancshares township town village borough owner owners
securities mobility processing process studies value growth income portfolio generation promotion reit transmission
warehouse warehousing mall leisure library transit holdco bidco propco mezz facility facilities arts aerospace
innovation innovations operations operating terminal organization organisation support platform airport business alloys
economics mines railway rail drilling cement precision strategies utilities utility bureau museum manager managers
contractor contractors consortium environment affairs semiconductor semiconductors devices device brokers broker funding
spv master analytics biotechnology biosciences bioscience exploration robotics imaging diagnostics surgical dynamics
concepts applications application integration integrated advertising exchange credit community public information
mortgage police trustee trustees advanced applied technical renewable share shares ai care home sustainable
retirement pension pensioen jewellery jewelry gold silver diamond diamonds csr intelligence smart
recherche nacional nationale nazionale sanayi ticaret szolgaltato kereskedelmi laboratoire ecole
private independent cooperative genossenschaft cooperativa vereniging association maatschappij maatschap
corporate enterprise professional dental clinical nursing cancer emergency mineral natural
"""

# Countries and continents: generic only behind a word that is not.
PLACES = """
india china japan germany deutschland france italia italy espana spain uk usa canada australia nederland polska
schweiz suisse austria osterreich brasil brazil mexico ireland indonesia singapore sweden finland netherlands
portugal poland malaysia thailand chile norway switzerland hungary ukraine belgium luxembourg jersey cayman korea
taiwan vietnam israel turkey turkiye greece romania denmark danmark sverige norge suomi argentina colombia peru egypt
nigeria kenya pakistan bangladesh philippines europe asia africa america americas emea apac latam hk
"""


# Long form: its abbreviations and its other grammatical number. Only spellings that stand for nothing else.
ABBREVIATIONS = """
international: intl int'l internat internatl
national: natl nat'l
manufacturing: mfg manuf manufg mnfg mfrg
manufacturers: mfrs mfr manufacturer
university: univ
technology: tech techn technol technologies technologys tecnology
department: dept dpt
brothers: bros bro
association: assoc assn asso asscn associations
associates: assocs assoc's associate
management: mgmt mgt mngmt managment
services: svc svcs srvc srvcs servs serv service
solutions: solution soln solns
systems: system sys syst systs
enterprises: enterprise entp entps enterpr enterpris
industries: industry inds indus industrys
holdings: holding hldg hldgs hlds hldngs
group: grp grps groups
investments: investment invt invts invs invest invmt invstmt
partners: partner ptnrs prtnrs ptrs
products: product prods prod
properties: property
resources: resource
laboratories: laboratory lab labs labors
communications: communication commun communicns commns
telecom: telecommunications telecommunication telecomm telecoms telecomms
pharmaceuticals: pharmaceutical pharma pharm pharms pharmaceut pharmaceutic
chemicals: chemical chem chems
engineering: engg engrg engr engrs engnrg
electronics: electronic electr
electric: elec electrical
development: dev devel developments dvlpmt
distribution: distrib distr distribn
distributors: distributor distribs
consulting: consultants consultant consultancy consult
construction: constr const constructions constrn
transport: transp transportation transports transportations
insurance: ins insur
hospital: hosp hospitals
center: centre ctr cntr centers centres
government: govt gov't
corporation: corp corpn
company: comp cos companies
limited: limted limitd
institute: inst
research: rsch
equipment: equip eqpt equipments
materials: material matls
instruments: instrument instr instrs
machinery: mach machy
automotive: automot
petroleum: petrol petr
american: amer
general: genl gen'l
commercial: comml
environmental: environ envtl
education: educ
medical: med'l
packaging: pkg pkging packg
security: secur
network: networks netw
store: stores
trader: traders
agency: agencies
developer: developers
supply: supplies suppl
tool: tools
fund: funds
venture: ventures
motor: motors
metal: metals
component: components
hotel: hotels
restaurant: restaurants
food: foods
farm: farms
studio: studios
estate: estates
advisors: advisers advisor adviser advisory
builders: builder bldrs
building: bldg bldgs
first: 1st
second: 2nd
third: 3rd
fourth: 4th
fifth: 5th
sixth: 6th
st: saint street sankt
ste: sainte
mt: mount
ft: fort
"""

FUNCTION = """
the of and for in by to from with no
de la le les du des pour
der die das dem den vom von zu zur zum fur mit im
van voor het
del della delle dei degli di da il lo per
el los las para do dos
"""
