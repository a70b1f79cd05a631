/// What all scripts for gnuplot 5 begin with, and texts in them.
enum Gnuplot {
  /// The first lines of the script of `base`: what it makes, how, and of which size.
  static func head(_ title: String, base: String, size: String) -> String {
    """
    # \(plain(title)): run 'gnuplot \(plain(base)).gp' in this folder.
    set terminal pdfcairo size \(size) font ',8' noenhanced
    set output \(quoted(base + ".pdf"))
    """
  }

  /// `text` as a string that gnuplot neither expands nor runs.
  static func quoted(_ text: String) -> String {
    "'" + plain(text).replacing("'", with: "''") + "'"
  }

  /// `text` on one line, without what means something between double quotes.
  static func plain(_ text: String) -> String {
    String(
      text.unicodeScalars.map { scalar -> Character in
        switch scalar {
        case "\"", "`": "'"
        case "\\": "/"
        default: scalar.value < 0x20 || scalar.value == 0x7F ? " " : Character(scalar)
        }
      })
  }
}
