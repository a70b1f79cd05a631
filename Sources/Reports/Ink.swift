internal import CommandLineTools

/// How a piece of terminal text looks; plain where colours are off.
struct Ink {
  var usesColour: Bool

  /// A look.
  enum Style: Hashable {
    case plain
    case bold
    /// For what must not be read as a result.
    case dim
    /// For what went wrong.
    case bad
    /// By the step of `HeatScale`.
    case heat(Int)
    /// The best of its column, by the step of `HeatScale`.
    case best(Int)
    /// By the step of `DivisionPicture`: from nothing to most.
    case share(Int)
  }

  /// `text` in `style`, filled with blanks to `width` columns outside of the colour.
  func padded(
    _ text: String, _ style: Style = .plain, to width: Int = 0, _ alignment: Alignment = .left
  ) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.displayWidth))
    let shown = styled(text, style)
    return alignment == .left ? shown + blanks : blanks + shown
  }

  /// `text` in `style`. SGR codes of ECMA-48: the terminal's own colours, so that light and dark
  /// themes both work.
  func styled(_ text: String, _ style: Style) -> String {
    let codes = Self.codes(style)
    guard usesColour, !codes.isEmpty, !text.isEmpty else { return text }
    return "\u{1B}[\(codes.map(String.init).joined(separator: ";"))m\(text)\u{1B}[0m"
  }

  private static func codes(_ style: Style) -> [Int] {
    switch style {
    case .plain: []
    case .bold: [1]
    case .dim: [2]
    case .bad: [31]
    case .share(let step): [[2], [34], [36], [33]].dropFirst(step).first ?? [1, 31]
    case .best(let step): [1] + codes(.heat(step)).filter { $0 != 1 }
    case .heat(let step):
      switch step {
      case ..<2: [32]
      case 2: []
      case 3...4: [33]
      case 5: [31]
      default: [1, 31]
      }
    }
  }
}
