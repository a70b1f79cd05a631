/// How a text is placed in its column.
public enum Alignment: Sendable {
  /// Text first, blanks after it.
  case left
  /// Blanks first: numbers.
  case right
}

extension StringProtocol {
  /// The columns a terminal uses for this text: 2 for East Asian wide characters and emoji, 0 for
  /// combining marks, control characters and colour sequences, 1 for the rest. O(length).
  public var displayWidth: Int {
    var width = 0
    var isEscape = false
    for character in self {
      if character == "\u{1B}" {
        isEscape = true
      } else if isEscape {
        // A control sequence `ESC [ ... letter` ends with its first letter.
        isEscape = !character.isLetter
      } else {
        width += character.columns
      }
    }
    return width
  }

  /// The text filled with blanks to `width` columns; unchanged when it is that wide already.
  public func padded(to width: Int, _ alignment: Alignment = .left) -> String {
    let blanks = String(repeating: " ", count: Swift.max(0, width - displayWidth))
    return alignment == .left ? self + blanks : blanks + self
  }

  /// The text cut to at most `width` columns, its end replaced by `…`. For text without colours.
  public func truncated(to width: Int) -> String {
    if displayWidth <= width { return String(self) }
    var kept = ""
    var used = 0
    for character in self {
      used += character.columns
      if used > width - 1 { break }
      kept.append(character)
    }
    return width > 0 ? kept + "…" : ""
  }

  /// Lines of at most `width` columns, broken at blanks; a longer word has a line of its own.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in split(separator: " ") {
      if !line.isEmpty, line.displayWidth + 1 + word.displayWidth > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

extension Character {
  /// The columns a terminal uses for it.
  fileprivate var columns: Int {
    guard let first = unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .control, .format, .nonspacingMark, .enclosingMark, .lineSeparator, .paragraphSeparator:
      return 0
    default: break
    }
    // U+FE0F asks for the emoji form of a sign that also has a narrow one.
    let isEmoji = first.properties.isEmojiPresentation || unicodeScalars.contains("\u{FE0F}")
    return isEmoji || first.isWide ? 2 : 1
  }
}

extension Unicode.Scalar {
  /// The blocks of East Asian wide and full-width characters (Unicode Standard Annex 11).
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF,
      0x1B000...0x1B2FF, 0x20000...0x3FFFD:
      true
    default: false
    }
  }
}
