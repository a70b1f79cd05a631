/// Labels without the parameters that tell nothing apart.
enum ShortLabels {
  /// `labels` in their order, each without the parameters that all labels of the same components
  /// have alike: of `krum(f=3, m=1)` and `krum(f=4, m=1)` the parameters are `f=3` and `f=4`.
  static func of(_ labels: [String]) -> [String] {
    var groups: [String: [Int]] = [:]
    for (index, label) in labels.enumerated() { groups[bare(label), default: []].append(index) }
    var short = labels
    for members in groups.values where members.count > 1 {
      let shared = members.map { Set(parameters(labels[$0])) }
        .reduce(nil as Set<String>?) { $0?.intersection($1) ?? $1 }
      guard let shared, !shared.isEmpty else { continue }
      for index in members { short[index] = without(shared, labels[index]) }
    }
    return Set(short).count == Set(labels).count ? short : labels
  }

  /// The label without any parameters.
  static func bare(_ label: String) -> String {
    var depth = 0
    return label.filter { letter in
      if letter == "(" { depth += 1 }
      defer { if letter == ")" { depth -= 1 } }
      return depth == 0
    }
  }

  /// What stands in parentheses, each parameter with its place: `1:f=3`.
  private static func parameters(_ label: String) -> [String] { pieces(label).compactMap(\.mark) }

  private static func without(_ shared: Set<String>, _ label: String) -> String {
    var text = ""
    var isOpen = false
    for piece in pieces(label) {
      guard let mark = piece.mark else {
        if isOpen { text += ")" }
        isOpen = false
        text += piece.text
        continue
      }
      if shared.contains(mark) { continue }
      text += (isOpen ? ", " : "(") + piece.text
      isOpen = true
    }
    return text + (isOpen ? ")" : "")
  }

  /// Parameters, marked by the number of their parentheses, and what stands between.
  private static func pieces(_ label: String) -> [(text: String, mark: String?)] {
    var pieces: [(text: String, mark: String?)] = []
    var text = ""
    var (round, square, group) = (0, 0, 0)
    func trimmed(_ text: String) -> String {
      String(text.drop { $0 == " " })
    }
    for letter in label {
      switch letter {
      case "(" where round == 0:
        pieces.append((text, nil))
        text = ""
        round = 1
        group += 1
      case ")" where round == 1:
        pieces.append((trimmed(text), "\(group):\(trimmed(text))"))
        text = ""
        round = 0
      case "," where round == 1 && square == 0:
        pieces.append((trimmed(text), "\(group):\(trimmed(text))"))
        text = ""
      default:
        if round > 0, letter == "(" { round += 1 }
        if round > 1, letter == ")" { round -= 1 }
        if letter == "[" { square += 1 }
        if letter == "]" { square -= 1 }
        text.append(letter)
      }
    }
    if !text.isEmpty { pieces.append((text, nil)) }
    return pieces
  }
}
