/** Countries by their two letters, named in the reader's language. Pure but for the locale. */

// Those that phone numbers are read for (libphonenumber's regions).
const CODES =
  "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS " +
  "BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG " +
  "EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT " +
  "HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR " +
  "LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF " +
  "NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD " +
  "SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW " +
  "TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

export interface Region {
  readonly value: string;
  readonly label: string;
}

let known: Region[] | undefined;

/** All countries by name: { value: "US", label: "United States (US)" }. */
export function regions(): Region[] {
  if (known === undefined) {
    const names = new Intl.DisplayNames(undefined, { type: "region" });
    known = CODES.split(" ")
      .map((value) => ({ value, label: `${names.of(value) ?? value} (${value})` }))
      .sort((a, b) => a.label.localeCompare(b.label));
  }
  return known;
}

/** The country that the reader's language settings name, as "US" of "en-US"; null if none. */
export function readersRegion(language: string = navigator.language): string | null {
  const region = new Intl.Locale(language).region;
  return region !== undefined && CODES.split(" ").includes(region) ? region : null;
}

/** Every time zone of this browser, with UTC. */
export function timeZones(): string[] {
  const zones = Intl.supportedValuesOf("timeZone");
  return zones.includes("UTC") ? zones : ["UTC", ...zones];
}
