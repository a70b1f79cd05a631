/// Numbers as every table and file of this package writes them.
public enum NumberText {
  /// The shortest decimal that reads back to the same bits; whole numbers below 2^53 have no
  /// fraction (`1`, not `1.0`), the rest is `inf`, `-inf` or `nan`. Negative zero is `-0`.
  public static func shortest(_ number: Double) -> String { trimmed("\(number)") }

  /// The shortest decimal that reads back to the same single-precision bits.
  public static func shortest(_ number: Float) -> String { trimmed("\(number)") }

  private static func trimmed(_ text: String) -> String {
    text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
