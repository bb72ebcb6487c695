// Package holidays knows the public holidays of 47 countries, and of the regions of four of them, for calendars that are
// closed on them.
//
//	bavaria, err := holidays.Of("DE-BY", holidays.Config{})
//	days, err := bavaria.Holidays(from, until)
//
// The days come from github.com/rickar/cal: a code is that of ISO 3166, a country's ("DE") or a region's ("DE-BY").
// [Codes] lists them. [New] makes the same of holidays of one's own. Only holidays are taken from that library; when a
// team is open, and until when a deadline runs, is counted by package sla.
//
// # The day itself and its substitute
//
// In many countries a holiday on a weekend has a substitute: in 2026 the Fourth of July is a Saturday, and offices
// are closed on Friday the 3rd. By default both are listed, the substitute as "Independence Day (observed)": a
// calendar with weekend hours is then closed on the day itself too, and for one without them it makes no difference.
// [Config].Days asks for one of the two only.
//
// # What is not covered
//
//   - Days that are fixed from year to year by an authority or by sighting the moon: Islamic, Hindu, Jewish and Chinese
//     holidays, days that a government decrees at short notice, and elections. Countries whose holidays are mostly
//     such are not listed at all.
//   - Regions of countries other than Australia, Germany, Switzerland and the United Kingdom: of the United States,
//     Canada and Spain there are the national holidays only. "AU" is refused, since the library knows states only.
//   - Days of single communities, such as Assumption Day in most of Bavaria or the Peace Festival in Augsburg. The
//     library knows many of them by name, and [New] lists them: de.MariaHimmelfahrt, de.Friedensfest.
//   - Holidays that are always a Sunday, in some countries: Easter Sunday is listed for Finland and not for Poland.
//   - Mistakes of the library. What it says of Germany, Austria, France, the United States and the United Kingdom is held
//     against published dates by this package's tests; for "CH-GE" it is known to list Corpus Christi and to lack the
//     Genevan fast. Compare a year with the authority's list before relying on another code.
//   - Half days, such as Christmas Eve in some countries.
//   - The past: lists are those of today's law, with the exceptions that the library knows. Orthodox Easter is right
//     from 1900 to 2099.
//
// For all of these an iCalendar file, as authorities publish it, or a list of one's own is the better source.
//
// "GB" is England and Wales. To "GB-SCT" and "GB-NIR" this package adds what the library lacks: 2 January, St Andrew's
// Day, St Patrick's Day and 12 July. "ECB" are the days on which the euro's settlement system is closed.
package holidays
