/// A curve in one line of block characters.
public enum Sparkline {
  /// `values`, each between 0 and 1, as blocks of eight heights: the last `width` of them, or where
  /// `isWhole` the whole course, each block the mean of its part.
  public static func text(_ values: [Double], width: Int, isWhole: Bool = false) -> String {
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(
      (isWhole ? means(values, count: width) : values.suffix(width)).map { value in
        value.isFinite ? blocks[min(7, max(0, Int((value * 8).rounded(.down))))] : "?"
      })
  }

  /// The means of `count` parts of `values`, as even as can be; `values` if they are no more.
  private static func means(_ values: [Double], count: Int) -> [Double] {
    guard values.count > count else { return values }
    return (0..<count).map { part in
      let own = values[(part * values.count / count)..<((part + 1) * values.count / count)]
      return own.reduce(0, +) / Double(own.count)
    }
  }
}
