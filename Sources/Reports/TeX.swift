/// LaTeX source. What is written out is source; what is interpolated is text, and escaped.
struct TeX: ExpressibleByStringInterpolation, Sendable {
  /// The source.
  var text: String

  /// Source as it is.
  init(raw: String) { text = raw }
  /// Source as it is.
  init(stringLiteral value: String) { text = value }
  /// Source with texts in it.
  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Joins sources.
  static func += (left: inout TeX, right: TeX) { left.text += right.text }

  /// Collects source.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ literal: String) { text += literal }
    mutating func appendInterpolation(_ source: TeX) { text += source.text }
    mutating func appendInterpolation(raw source: String) { text += source }
    mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
    mutating func appendInterpolation(_ plain: String) { text += TeX.escaped(plain) }
    mutating func appendInterpolation(_ sources: [TeX], separator: String) {
      text += sources.map(\.text).joined(separator: separator)
    }
  }

  /// `plain` as source that prints it: one line, ASCII and Latin-1 letters, all else as a command or
  /// as its code point.
  static func escaped(_ plain: String) -> String {
    plain.unicodeScalars.map { scalar in
      if let command = commands[scalar] { return command }
      switch scalar.value {
      case 0x20...0x7E: return String(scalar)
      case 0xC0...0xFF: return String(scalar)
      case ..<0x20: return " "
      default: return "{[}U+\(String(scalar.value, radix: 16, uppercase: true)){]}"
      }
    }.joined()
  }

  private static let commands: [Unicode.Scalar: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "''",
    "`": "\\textasciigrave{}", "[": "{[}", "]": "{]}", "*": "{*}", "±": "$\\pm$", "×": "$\\times$",
    "÷": "$\\div$", "·": "$\\cdot$",
    "≤": "$\\leq$", "≥": "$\\geq$", "≠": "$\\neq$", "∞": "$\\infty$", "√": "$\\surd$",
    "\u{2212}": "$-$",
    "–": "--", "—": "---", "…": "\\dots{}", "’": "'", "“": "``", "”": "''",
    "α": "$\\alpha$", "β": "$\\beta$", "γ": "$\\gamma$", "δ": "$\\delta$", "ε": "$\\epsilon$",
    "λ": "$\\lambda$", "μ": "$\\mu$", "ρ": "$\\rho$", "σ": "$\\sigma$", "τ": "$\\tau$",
  ]
}
