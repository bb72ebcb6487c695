// Package holidays lists the public holidays of 47 countries, and of the
// regions of four of them, for calendars that are closed on them.
//
//	bavaria, err := holidays.Of("DE-BY", holidays.Config{})
//	days, err := bavaria.Holidays(from, until)
//
// The days come from github.com/rickar/cal. A code is that of ISO 3166, a
// country's ("DE") or a region's ("DE-BY"). [Codes] lists them. [New] makes a
// list of holidays of your own. The library only provides the holidays; package
// sla computes opening hours and deadlines.
//
// # The day itself and its substitute
//
// In many countries a holiday on a weekend has a substitute: in 2026 the Fourth
// of July is a Saturday, and offices are closed on Friday the 3rd. By default
// both are listed, the substitute as "Independence Day (observed)", so that a
// calendar with weekend hours is closed on the day itself too; without weekend
// hours it makes no difference. [Config].Days selects one of the two only.
//
// # What is not covered
//
//   - Days that an authority or the sighting of the moon fixes from year to
//     year: Islamic, Hindu, Jewish and Chinese holidays, days that a government
//     decrees at short notice, and elections. Countries with mostly such
//     holidays are not listed at all.
//   - Regions of countries other than Australia, Germany, Switzerland and the
//     United Kingdom: for the United States, Canada and Spain there are the
//     national holidays only. "AU" is refused, since the library has only its
//     states.
//   - Days of single communities, such as Assumption Day in most of Bavaria or
//     the Peace Festival in Augsburg. The library has many of them by name, to
//     be listed with [New]: de.MariaHimmelfahrt, de.Friedensfest.
//   - Holidays that are always on a Sunday, in some countries: Easter Sunday is
//     listed for Finland and not for Poland.
//   - Mistakes of the library. This package's tests compare Germany, Austria,
//     France, the United States and the United Kingdom with published dates.
//     For "CH-GE" the library is known to list Corpus Christi and to lack the
//     Genevan fast. Compare a year with the authority's list before relying on
//     another code.
//   - Half days, such as Christmas Eve in some countries.
//   - The past: lists follow today's law, with the exceptions that the library
//     has. Orthodox Easter is right from 1900 to 2099.
//
// For all of these an iCalendar file, as authorities publish it, or a list of
// your own is the better source.
//
// "GB" is England and Wales. For "GB-SCT" and "GB-NIR" this package adds what
// the library lacks: 2 January, St Andrew's Day, St Patrick's Day and 12 July.
// "ECB" lists the days on which the euro's settlement system is closed.
package holidays
