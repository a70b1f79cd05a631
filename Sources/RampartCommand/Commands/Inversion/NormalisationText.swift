internal import CommandLineTools
internal import GradientInversion

/// How a command line says what was done to pixels.
enum NormalisationText {
  /// The valid range behind `unit` or `MEAN/DEVIATION`, each one number or a list of channels.
  ///
  /// - Throws: `UserError` for anything else, with what would work.
  static func range(_ text: String, channels: Int) throws -> InputRange {
    if text == "unit" { return try InputRange.unit(channels: channels) }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { part in
      part.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    }
    let lists = parts.compactMap { part -> [Double]? in
      let numbers = part.compactMap { $0.flatMap { $0.isFinite ? $0 : nil } }
      guard numbers.count == part.count else { return nil }
      return numbers.count == 1 ? [Double](repeating: numbers[0], count: channels) : numbers
    }
    guard parts.count == 2, lists.count == 2, lists.allSatisfy({ $0.count == channels }) else {
      throw UserError(
        "--normalisation: unknown normalisation '\(text)'; give 'unit' for pixels from 0 to 1, or "
          + "MEAN/DEVIATION with one number or \(channels) each, such as 0.5/0.25")
    }
    do {
      return try InputRange(mean: lists[0], deviation: lists[1])
    } catch {
      throw UserError("--normalisation: \(error)")
    }
  }
}
