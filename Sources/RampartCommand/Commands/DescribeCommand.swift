internal import CommandLineTools
internal import Components
internal import Experiments
internal import Federation

extension CommandSpec {
  /// `rampart describe`.
  static let describe = CommandSpec(
    "describe",
    abstract: "Show the definition, source, needs and parameters of a component.",
    parameters: [
      .argument(
        "NAME", "A name that 'rampart list' shows, or 'training' for the training options.",
        kind: .oneOf("name", componentNames() + [TrainingOptions.card.name]))
    ]
  ) { arguments in
    let name = arguments.positional("NAME") ?? ""
    let terminal = Terminal.output
    if name == TrainingOptions.card.name {
      for line in try describeTraining(terminal: terminal) { terminal.writeLine(line) }
    }
    for section in Catalogue.standard.sections {
      guard let type = section.types.first(where: { $0.card.name == name }) else { continue }
      for line in try describe(type, role: section.role, terminal: terminal) {
        terminal.writeLine(line)
      }
    }
    return .done
  }

  private static func describeTraining(terminal: Terminal) throws -> [String] {
    let card = TrainingOptions.card
    var lines = [
      "\(terminal.styled(card.name, .bold)) (options)", "", card.summary, "",
      "  note:        \(card.formula)", "", "  parameters:",
    ]
    lines += parameterLines(card, defaults: try TrainingOptions.writtenDefaults)
    return lines + ["", "  in an experiment:  training: {optimizer: adam, learning-rate: 0.001}"]
  }

  /// One line a parameter: name, meaning, range, default; then its choices, if it has any.
  private static func parameterLines(_ card: Card, defaults: [String: String]) -> [String] {
    let width = card.parameters.map { $0.key.displayWidth }.max() ?? 0
    return card.parameters.flatMap { parameter in
      [
        "    \(parameter.key.padded(to: width))  \(parameter.meaning) (\(parameter.range); "
          + "default \(defaults[parameter.key] ?? ""))"
      ] + parameter.choices.map { String(repeating: " ", count: width + 8) + $0 }
    }
  }

  private static func describe(
    _ type: any Component.Type, role: Role, terminal: Terminal
  ) throws -> [String] {
    let card = type.card
    // Not of a component: some cannot be made without a file.
    func defaults<C: Component>(of type: C.Type) throws -> [ConfigurationNode.Entry] {
      try ParameterCoding.node(of: C.defaults).entries ?? []
    }
    let parameters = try defaults(of: type)
    var lines = ["\(terminal.styled(card.name, .bold)) (\(role))", "", card.summary]
    func field(_ title: String, _ text: String) {
      if !text.isEmpty { lines.append("  \((title + ":").padded(to: 12)) \(text)") }
    }
    lines.append("")
    field("definition", card.formula)
    field("source", card.citation)
    field("needs", card.needs.sorted().map(\.rawValue).joined(separator: ", "))
    field("claims", card.claims.sorted().map(\.rawValue).joined(separator: ", "))
    field("control", card.control?.sentence ?? "")
    field("status", card.verification.rawValue)
    if !card.parameters.isEmpty {
      lines += ["", "  parameters:"]
      lines += parameterLines(
        card,
        defaults: Dictionary(
          parameters.map { ($0.key, $0.node.flowText) }, uniquingKeysWith: { first, _ in first }))
    }
    lines.append("")
    let example =
      parameters.isEmpty
      ? card.name
      : "\(card.name): {"
        + parameters.map { "\($0.key): \($0.node.flowText)" }.joined(separator: ", ") + "}"
    lines.append(
      "  in an experiment:  \(role): \(example.hasSuffix("}") ? "{\(example)}" : example)")
    return lines
  }
}

/// Every component's name.
func componentNames() -> [String] {
  Catalogue.standard.sections.flatMap { $0.types.map { $0.card.name } }
}
