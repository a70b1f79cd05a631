internal import Experiments

/// HTML source. What is written out is source; what is interpolated is text, and escaped.
struct Markup: ExpressibleByStringInterpolation, Sendable {
  /// The source.
  var html: String

  /// Source as it is.
  init(raw: String) { html = raw }
  /// Source as it is.
  init(stringLiteral value: String) { html = value }
  /// Source with texts in it.
  init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }

  /// Joins sources.
  static func += (left: inout Markup, right: Markup) { left.html += right.html }

  /// Collects source.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    init(literalCapacity: Int, interpolationCount: Int) {}
    mutating func appendLiteral(_ literal: String) { html += literal }
    mutating func appendInterpolation(_ source: Markup) { html += source.html }
    mutating func appendInterpolation(_ number: Int) { html += "\(number)" }
    mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }
    mutating func appendInterpolation(_ sources: [Markup]) {
      for source in sources { html += source.html }
    }
  }

  /// `text` as content or as a quoted attribute: the five signs that mean something are named, and
  /// control characters, which HTML forbids, become blanks.
  static func escaped(_ text: String) -> String {
    if text.utf8.allSatisfy(isPlain) { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\n": escaped += "\n"
      default:
        let isControl = scalar.properties.generalCategory == .control
        escaped.unicodeScalars.append(isControl ? " " : scalar)
      }
    }
    return escaped
  }

  /// Printable ASCII that means nothing to HTML.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
      UInt8(ascii: "'"):
      false
    default: (0x20..<0x7F).contains(byte)
    }
  }
}

extension Sequence<Markup> {
  /// `a`, `a and b`, `a, b and c`.
  func list(_ conjunction: String = "and") -> Markup {
    Markup(raw: map(\.html).list(conjunction))
  }

  /// The sources with `separator` between them.
  func joined(_ separator: Markup = "") -> Markup {
    Markup(raw: map(\.html).joined(separator: separator.html))
  }
}

extension Markup {
  /// A name as experiment files write it.
  static func code(_ name: String) -> Markup { "<code>\(name)</code>" }

  /// A wide table that scrolls inside the page, reachable by keyboard.
  static func scrolling(_ table: Markup, label: String) -> Markup {
    """
    <div class="scroll" role="region" aria-label="\(label)" tabindex="0">
    \(table)
    </div>

    """
  }

  /// `93.4 ± 1.2` in percent or points; a range below five seeds.
  static func estimate(_ estimate: Estimate) -> Markup {
    let mean = Numbers.percent(estimate.mean)
    if let halfWidth = estimate.halfWidth {
      return "<span class=\"n\">\(mean) ± \(Numbers.percent(halfWidth))</span>"
    }
    if estimate.count == 1 { return "<span class=\"n\">\(mean)</span>" }
    let range = "\(Numbers.percent(estimate.minimum))–\(Numbers.percent(estimate.maximum))"
    return "<span class=\"n\">\(mean) (\(range))</span>"
  }
}

extension Markup {
  /// `93.4 ±1.2` for table cells.
  static func compact(_ estimate: Estimate) -> Markup {
    let spread = Report.spread(estimate, usualCount: estimate.count)
    return "\(Numbers.percent(estimate.mean))\(spread.isEmpty ? "" : " ")\(spread)"
  }
}
