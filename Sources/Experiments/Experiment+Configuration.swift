public import Components
internal import Federation
internal import FileFormats

extension Experiment {
  /// Reads an experiment file.
  ///
  /// - Throws: `ConfigurationError` with every mistake in the file.
  public static func read(path: String, catalogue: Catalogue = .standard) throws -> Experiment {
    try Experiment(try YAML.read(path: path), catalogue: catalogue)
  }

  /// Reads an experiment from text; `file` is what messages call it.
  public static func parse(
    _ text: String, file: String, catalogue: Catalogue = .standard
  ) throws -> Experiment {
    try Experiment(try YAML.parse(text, file: file), catalogue: catalogue)
  }

  /// Interprets a configuration; every axis that is left out has its default.
  ///
  /// - Throws: `ConfigurationError` with every mistake: unknown keys and names with the nearest
  ///   known one, wrong types, values out of range.
  public init(_ node: ConfigurationNode, catalogue: Catalogue = .standard) throws {
    guard let entries = node.entries else {
      throw ConfigurationError(
        "an experiment is a mapping of keys such as 'attack: [none, ipm]', got \(node.summary)",
        at: node.position)
    }
    var issues = IssueCollector()
    let known = ["name", "seeds", "targets", "vary"] + Axis.allCases.map(\.rawValue)
    for entry in entries where !known.contains(entry.key) {
      issues.add(
        NearestName.message(unknown: "key", entry.key, known: known), at: entry.keyPosition)
    }

    var reader = Reader(catalogue: catalogue, issues: issues)
    name = reader.name(node["name"])
    axes = [:]
    trainings = []
    threats = []
    for axis in Axis.allCases {
      let before = reader.issues.issues.count
      defer { if reader.issues.issues.count > before { reader.unsound.insert(axis) } }
      let written = node[axis.rawValue] ?? ConfigurationNode(Self.fallback(axis))
      let items = reader.list(written)
      if items.isEmpty {
        reader.issues.add("\(axis) is an empty list; name at least one", at: written.position)
      }
      switch axis {
      case .training:
        (axes[axis], trainings) = reader.options(
          items, defaults: TrainingOptions(), axis: axis
        ) { try $0.validate() }
      case .threat:
        (axes[axis], threats) = reader.options(items, defaults: ThreatModel(), axis: axis) {
          try $0.validate()
        }
      default: axes[axis] = items.compactMap { reader.entry($0, axis: axis) }
      }
      reader.refuseDuplicates(axes[axis] ?? [], axis: axis)
    }
    seeds = reader.seeds(node["seeds"])
    targets = reader.targets(node["targets"])
    variesOneAtATime = reader.variesOneAtATime(node["vary"])
    guard !reader.issues.issues.isEmpty else { return }
    // The rest of the file may be wrong in ways that only show in the matrix: say that now too,
    // unless what it would be judged by is itself in doubt.
    let doubtful: [Axis] = [.data, .partition, .algorithm, .threat]
    if doubtful.allSatisfy({ reader.isSound($0) }) {
      var sound = self
      sound.patchDoubtfulAxes()
      do {
        _ = try MatrixPlan(sound)
      } catch let error as ConfigurationError {
        for issue in error.issues { reader.issues.add(issue.message, at: issue.position) }
      }
    }
    try reader.issues.finish()
  }

  /// Puts defaults where nothing on an axis could be read.
  private mutating func patchDoubtfulAxes() {
    var reader = Reader(catalogue: .standard, issues: IssueCollector())
    for axis in Axis.allCases where entries(axis).isEmpty && axis.role != nil {
      let fallback = ConfigurationNode(Self.fallback(axis))
      axes[axis] = [fallback].compactMap { reader.entry($0, axis: axis) }
    }
    if trainings.isEmpty {
      (axes[.training], trainings) = reader.options(
        [ConfigurationNode(.null)], defaults: TrainingOptions(), axis: .training
      ) { try $0.validate() }
    }
    if seeds.isEmpty { seeds = [1] }
  }

  private static func fallback(_ axis: Axis) -> ConfigurationNode.Value {
    switch axis {
    case .data: .text("digits")
    case .partition: .text("iid")
    case .population: .text("ideal")
    case .model: .text("logistic")
    case .training, .threat: .map([])
    case .algorithm: .text("fedavg")
    case .transport: .text("plain")
    case .attack: .text("none")
    case .defense: .text("mean")
    }
  }
}

/// Reads the parts of an experiment, collecting mistakes.
private struct Reader {
  let catalogue: Catalogue
  var issues: IssueCollector
  /// The axes on which something could not be read.
  var unsound: Set<Axis> = []

  func isSound(_ axis: Axis) -> Bool { !unsound.contains(axis) }

  mutating func name(_ node: ConfigurationNode?) -> String {
    guard let node else { return "experiment" }
    let allowed = node.plainText.allSatisfy { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    if case .null = node.value {
      issues.add("name is empty; write one, or leave the key out", at: node.position)
      return "experiment"
    }
    guard !node.plainText.isEmpty, allowed, node.plainText.first != "." else {
      issues.add(
        "name: expected letters, digits, '-', '_' and '.', got \(node.summary)", at: node.position)
      return "experiment"
    }
    return node.plainText
  }

  func list(_ node: ConfigurationNode) -> [ConfigurationNode] {
    if case .list(let items) = node.value { items } else { [node] }
  }

  /// One entry of an axis of components: a name, a name with parameters, or a list of such.
  mutating func entry(_ node: ConfigurationNode, axis: Axis) -> AxisEntry? {
    guard let role = axis.role else { return nil }
    if case .list(let items) = node.value {
      guard axis.allowsChains, !items.isEmpty else {
        issues.add(
          items.isEmpty
            ? "\(axis): an empty chain; name at least one component"
            : "\(axis): a list inside the list would be a chain; \(axis) takes one component each",
          at: node.position)
        return nil
      }
      let chain = items.compactMap { component($0, role: role) }
      return chain.count == items.count ? AxisEntry(chain: chain, position: node.position) : nil
    }
    return component(node, role: role).map { AxisEntry(chain: [$0], position: $0.position) }
  }

  private mutating func component(
    _ node: ConfigurationNode, role: Role
  ) -> ConfiguredComponent? {
    do {
      let component = try catalogue.component(node, role: role)
      guard component.card.verification == .verified else {
        issues.add(
          "\(role) '\(component.name)' is unverified: no independent test stands behind it yet",
          at: component.position)
        return nil
      }
      return component
    } catch let error as ConfigurationError {
      for issue in error.issues { issues.add(issue.message, at: issue.position) }
    } catch {
      issues.add("\(error)", at: node.position)
    }
    return nil
  }

  /// Entries of an axis of plain options: each a mapping laid over the defaults.
  mutating func options<Options: Codable & Equatable>(
    _ items: [ConfigurationNode], defaults: Options, axis: Axis,
    validate: (Options) throws -> Void
  ) -> ([AxisEntry], [Options]) {
    var entries: [AxisEntry] = []
    var values: [Options] = []
    for item in items {
      do {
        let options = try ParameterCoding.overlay(
          item, on: defaults, owner: axis.rawValue, validate: validate)
        let identity = try ParameterCoding.node(of: options)
        let base = try ParameterCoding.node(of: defaults)
        let changed = (identity.entries ?? []).filter { base[$0.key] != $0.node }
        let label = changed.map { "\($0.key)=\($0.node.plainText)" }.joined(separator: ", ")
        entries.append(
          AxisEntry(
            label: label.isEmpty ? "default" : label, identity: identity, written: item))
        values.append(options)
      } catch let error as ConfigurationError {
        for issue in error.issues { issues.add(issue.message, at: issue.position) }
      } catch {
        issues.add("\(axis): \(error)", at: item.position)
      }
    }
    return (entries, values)
  }

  mutating func refuseDuplicates(_ entries: [AxisEntry], axis: Axis) {
    var seen: Set<String> = []
    for entry in entries where !seen.insert(entry.identity.canonicalJSON).inserted {
      issues.add("\(axis): '\(entry.label)' is listed twice", at: entry.position)
    }
  }

  mutating func targets(_ node: ConfigurationNode?) -> [Double] {
    guard let node else { return [] }
    var targets: [Double] = []
    for item in list(node) {
      let value: Double? =
        switch item.value {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
      guard let value, value > 0, value <= 1 else {
        issues.add(
          "targets: expected test accuracies above 0 and up to 1, such as 0.9, got \(item.summary)",
          at: item.position)
        continue
      }
      if targets.contains(value) {
        issues.add("targets: \(value) is listed twice", at: item.position)
      } else {
        targets.append(value)
      }
    }
    return targets
  }

  mutating func variesOneAtATime(_ node: ConfigurationNode?) -> Bool {
    guard let node else { return false }
    let words = ["everything", "one-at-a-time"]
    guard case .text(let word) = node.value, words.contains(word) else {
      issues.add(
        "vary: expected everything or one-at-a-time, got \(node.summary)", at: node.position)
      return false
    }
    return word == words[1]
  }

  mutating func seeds(_ node: ConfigurationNode?) -> [UInt64] {
    guard let node else { return [1] }
    var seeds: [UInt64] = []
    for item in list(node) {
      if case .integer(let value) = item.value, value >= 0 {
        let seed = UInt64(value)
        if seeds.contains(seed) {
          issues.add("seeds: \(seed) is listed twice", at: item.position)
        } else {
          seeds.append(seed)
        }
      } else {
        issues.add(
          "seeds: expected a whole number of 0 or more, got \(item.summary)", at: item.position)
      }
    }
    if list(node).isEmpty {
      issues.add("seeds is an empty list; name at least one", at: node.position)
    }
    return seeds
  }
}
