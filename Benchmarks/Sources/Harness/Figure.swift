import Foundation

/// How figures are written.
public enum Figure {
  /// About three significant digits, thousands separated: `198,400`, `12.3`, `0.0412`.
  public static func text(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    let size = abs(value)
    if size >= 1000 {
      let step = size >= 100_000 ? 100.0 : 10.0
      return grouped(Int((value / step).rounded() * step))
    }
    if size == 0 || size == size.rounded() { return String(format: "%.0f", value) }
    if size < 0.001 { return String(format: "%.1e", value) }
    return String(
      format: size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value)
  }

  /// A number as a person would type it: `0.9`.
  public static func plain(_ value: Double) -> String { String(format: "%g", value) }

  /// A ratio: `6.92x`.
  public static func ratio(_ value: Double) -> String { factor(value) + "x" }

  /// A ratio without its sign: `6.92`.
  public static func factor(_ value: Double) -> String {
    String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)
  }

  /// A size: `3.1e-12`.
  public static func exponent(_ value: Double) -> String {
    value.isFinite ? String(format: "%.1e", value) : "\(value)"
  }

  private static func grouped(_ value: Int) -> String {
    var digits = String(abs(value))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }
}
