"""Names of the months in many languages, lower case, as they stand in `<date>`.

Made by tests/etl/text/make_months.py from the Unicode CLDR (Babel 2.17.0, Unicode licence), of
en af az bg bs ca cs cy da de el es et eu fi fil fo fr ga gl hr hu id is it lb lt lv mk ms mt nb
nl nn pl pt ro ru sk sl sq sr sr_Latn sv sw tr uk uz vi.
Wide names, in their stand-alone and inflected forms. A word that means different months in
different languages is left out (listopad, listopada):
a date is rather null than guessed.
"""

MONTHS: dict[str, int] = {
    word: month
    for month, words in enumerate(
        (
            "eanáir enero gener gennaio ianuarie ionawr jaanuar janar janeiro jannar januar "
            "januari januarie january január januára janvier janvāris janúar leden ledna ocak "
            "sausio sausis siječanj siječnja styczeń stycznia tammikuu tammikuuta urtarrila "
            "xaneiro yanvar ιανουάριος ιανουαρίου січень січня январь января януари јануар "
            "јануари ",
            "chwefror feabhra febbraio febreiro febrer febrero februar februari februarie "
            "february február februára februāris febrúar fevereiro fevral frar février helmikuu "
            "helmikuuta lutego luty otsaila pebrero shkurt vasario vasaris veebruar veljača "
            "veljače únor února şubat φεβρουάριος φεβρουαρίου лютий лютого фебруар февраль "
            "февраля февруари ",
            "březen března kovas kovo maaliskuu maaliskuuta maart mac machi marca march marec "
            "maret mars marso mart martie marts martxoa marzec marzo marzu març março mawrth "
            "március márta mäerz märts märz ožujak ožujka μάρτιος μαρτίου березень березня март "
            "марта ",
            "abril abrëll aibreán apirila aprel april aprile aprili aprilie aprill apríl apríla "
            "aprīlis avril balandis balandžio duben dubna ebrill huhtikuu huhtikuuta kwiecień "
            "kwietnia nisan prill travanj travnja április απρίλιος απριλίου апрель апреля април "
            "квітень квітня ",
            "bealtaine gegužė gegužės květen května maggio mai maiatza maig maijs maio maj maja "
            "may mayo mayıs maí mee mei mejju máj mája május svibanj svibnja toukokuu toukokuuta "
            "μάιος μαΐου май мая мај травень травня ",
            "birželio birželis czerwca czerwiec ekaina giugno haziran hunyo iunie iyun juin jun "
            "june junho juni junie junij junio juny juuni jún júna június júní jūnijs kesäkuu "
            "kesäkuuta lipanj lipnja mehefin meitheamh qershor xuño červen června ġunju ιουνίου "
            "ιούνιος июнь июня червень червня юни јун јуни ",
            "gorffennaf heinäkuu heinäkuuta hulyo iulie iyul iúil juillet jul julai julho juli "
            "julie julij julio juliol july juuli júl júla július júlí jūlijs korrik liepa liepos "
            "lipca lipiec luglio lulju srpanj srpnja temmuz uztaila xullo července červenec "
            "ιουλίου ιούλιος июль июля липень липня юли јул јули ",
            "abuztua agost agosti agosto agustus août august augusta augusti augusts augustus "
            "augusztus avgust avqust awst awwissu ağustos elokuu elokuuta gusht kolovoz kolovoza "
            "lúnasa ogos rugpjūtis rugpjūčio sierpień sierpnia srpen srpna ágúst αυγούστου "
            "αύγουστος август августа серпень серпня ",
            "eylül iraila medi rugsėjis rugsėjo rujan rujna sentabr sentyabr septemba septembar "
            "september septembra septembre septembrie septembris septiembre setembre setembro "
            "settembre settembru setyembre shtator syyskuu syyskuuta szeptember wrzesień września "
            "září σεπτέμβριος σεπτεμβρίου вересень вересня сентябрь сентября септембар септември ",
            "ekim hydref lokakuu lokakuuta october octobre octombrie octubre oktabr oktoba "
            "oktobar oktober oktobris oktoober oktubre oktyabr október októbra ottobre ottubru "
            "outubro październik października spalio spalis tetor urria říjen října οκτωβρίου "
            "οκτώβριος жовтень жовтня октобар октомври октябрь октября ",
            "azaroa kasım lapkritis lapkričio listopadu marraskuu marraskuuta nobyembre noiembrie "
            "novemba novembar november novembra novembre novembris novembro novembru noviembre "
            "noyabr nëntor nóvember samhain studeni studenoga tachwedd νοέμβριος νοεμβρίου "
            "листопад листопада новембар ноември ноябрь ноября ",
            "abendua aralık decembar december decembra decembrie decembris decembro dekabr "
            "desemba desember desembre detsember dezember dezembro dhjetor dicembre diciembre "
            "disember disyembre diċembru décembre grudnia grudzień gruodis gruodžio joulukuu "
            "joulukuuta nollaig prosinac prosinca prosince prosinec rhagfyr δεκέμβριος δεκεμβρίου "
            "грудень грудня декабрь декабря декември децембар ",
        ),
        start=1,
    )
    for word in words.split()
}
