internal import CommandLineTools
internal import Components
internal import Experiments

extension CommandSpec {
  /// `rampart list`.
  static let list = CommandSpec(
    "list",
    abstract: "List what can be named in an experiment.",
    parameters: [
      .argument(
        "KIND",
        "attacks, defenses, algorithms, transports, models, data, partitions or populations.",
        .optional, kind: .oneOf("kind", listKinds()))
    ]
  ) { arguments in
    let wanted = arguments.positional("KIND")
    let sections = Catalogue.standard.sections.filter {
      wanted == nil || wanted == $0.role.plural || wanted == $0.role.rawValue
    }
    let terminal = Terminal.output
    let width = sections.flatMap(\.types).map { $0.card.name.displayWidth }.max() ?? 0
    for (index, section) in sections.enumerated() {
      if index > 0 { terminal.writeLine() }
      terminal.writeLine(terminal.styled(section.role.plural, .bold))
      for type in section.types {
        let card = type.card
        var line = "  \(card.name.padded(to: width))  \(card.summary)"
        if card.verification == .unverified { line += " (unverified)" }
        terminal.writeLine(line)
        var facts: [String] = []
        if !card.citation.isEmpty { facts.append(card.citation) }
        if !card.needs.isEmpty {
          facts.append("needs " + card.needs.sorted().map(\.rawValue).joined(separator: ", "))
        }
        if !facts.isEmpty {
          let indent = String(repeating: " ", count: width + 4)
          terminal.writeLine(indent + terminal.styled(facts.joined(separator: "; "), .dim))
        }
      }
    }
    return .done
  }
}

/// The words `rampart list` takes.
func listKinds() -> [String] {
  Catalogue.standard.sections.flatMap { section in
    section.role.plural == section.role.rawValue
      ? [section.role.rawValue] : [section.role.plural, section.role.rawValue]
  }
}
