public import Components

/// Reads layers from a configuration: a bare name, or a name with its main number or its settings.
///
///     relu                  conv: {outputs: 16, kernel: 3, padding: 1}       max-pool: 2
///     dense: 100            group-norm: 4        dropout: 0.5      leaky-relu: 0.1
///     residual: {body: [...], shortcut: [...]}   embedding: {vocabulary: 1000, dimension: 64}
public struct LayerReader {
  /// What `classes` stands for.
  public let classes: Int

  /// Every name a layer can have.
  public static let names = [
    "dense", "conv", "relu", "leaky-relu", "elu", "sigmoid", "tanh", "softplus", "gelu", "silu",
    "max-pool", "average-pool", "global-average-pool", "batch-norm", "group-norm", "layer-norm",
    "instance-norm", "dropout", "variational-bottleneck", "embedding", "flatten", "residual",
  ]

  /// How each layer is written, with what its settings are when they are left out:
  /// `conv: {outputs, kernel, stride: 1, padding: 0, groups: 1, bias: true}`.
  public static var usages: [String] {
    let reader = LayerReader(classes: 1)
    return names.map { name in
      var fields = Fields(
        layer: name, node: ConfigurationNode(.null), classes: 1, reader: reader)
      _ = reader.make(name, &fields)
      return fields.usage
    }
  }

  /// A reader for data of `classes` classes.
  public init(classes: Int) { self.classes = classes }

  /// The layers of a list.
  ///
  /// - Throws: `ConfigurationError` with everything that is wrong, each at its place.
  public func layers(_ node: ConfigurationNode) throws -> [Layer] {
    var issues = IssueCollector()
    let layers = list(node, "layers", &issues)
    try issues.finish()
    return layers
  }

  private func list(
    _ node: ConfigurationNode, _ owner: String, _ issues: inout IssueCollector
  ) -> [Layer] {
    guard case .list(let items) = node.value else {
      issues.add("\(owner): expected a list of layers, got \(node.summary)", at: node.position)
      return []
    }
    return items.compactMap { layer($0, &issues) }
  }

  private func layer(_ node: ConfigurationNode, _ issues: inout IssueCollector) -> Layer? {
    let name: String
    let settings: ConfigurationNode
    switch node.value {
    case .text(let text): (name, settings) = (text, ConfigurationNode(.null, at: node.position))
    case .map(let entries) where entries.count == 1:
      (name, settings) = (entries[0].key, entries[0].node)
    default:
      issues.add(
        "a layer is a name or one `name: settings`, got \(node.summary)", at: node.position)
      return nil
    }
    guard Self.names.contains(name) else {
      issues.add(
        NearestName.message(unknown: "layer", name, known: Self.names), at: node.position)
      return nil
    }
    var fields = Fields(layer: name, node: settings, classes: classes, reader: self)
    let layer = make(name, &fields)
    fields.finish()
    for issue in fields.issues.issues { issues.add(issue.message, at: issue.position) }
    return layer
  }

  private func make(_ name: String, _ fields: inout Fields) -> Layer? {
    switch name {
    case "dense":
      .dense(
        outputs: fields.integer("outputs", main: true) ?? 1, bias: fields.flag("bias") ?? true)
    case "conv":
      .convolution(
        Convolution(
          outputs: fields.integer("outputs") ?? 1, kernel: fields.extent("kernel") ?? 1,
          stride: fields.extent("stride", or: 1) ?? 1,
          padding: fields.extent("padding", or: 0) ?? 0,
          groups: fields.integer("groups", or: 1) ?? 1, bias: fields.flag("bias") ?? true))
    case "relu": .relu
    case "leaky-relu": .activation(.leakyReLU(slope: fields.number("slope", or: 0.01) ?? 0.01))
    case "elu": .activation(.elu(alpha: fields.number("alpha", or: 1) ?? 1))
    case "sigmoid": .activation(.sigmoid)
    case "tanh": .activation(.tanh)
    case "softplus": .activation(.softplus(beta: fields.number("beta", or: 1) ?? 1))
    case "gelu": .activation(.gelu)
    case "silu": .activation(.silu)
    case "max-pool": .maxPool(window(&fields))
    case "average-pool": .averagePool(window(&fields))
    case "global-average-pool": .globalAveragePool
    case "batch-norm":
      .batchNorm(
        epsilon: fields.number("epsilon", or: 1e-5, main: false) ?? 1e-5,
        momentum: fields.number("momentum", or: 0.1, main: false) ?? 0.1)
    case "group-norm":
      .groupNorm(
        groups: fields.integer("groups", main: true) ?? 1,
        epsilon: fields.number("epsilon", or: 1e-5, main: false) ?? 1e-5)
    case "layer-norm": .layerNorm(epsilon: fields.number("epsilon", or: 1e-5, main: false) ?? 1e-5)
    case "instance-norm":
      .instanceNorm(epsilon: fields.number("epsilon", or: 1e-5, main: false) ?? 1e-5)
    case "dropout": .dropout(fields.number("probability", or: 0.5) ?? 0.5)
    case "variational-bottleneck":
      .variationalBottleneck(
        features: fields.integer("features", or: 256, main: true) ?? 256,
        penalty: fields.number("penalty", or: 1e-3, main: false) ?? 1e-3)
    case "embedding":
      .embedding(
        vocabulary: fields.integer("vocabulary") ?? 1, dimension: fields.integer("dimension") ?? 1)
    case "flatten": .flatten
    case "residual":
      .residual(
        body: fields.layers("body", required: true),
        shortcut: fields.layers("shortcut", required: false))
    default: nil
    }
  }

  private func window(_ fields: inout Fields) -> Window {
    let kernel = fields.extent("kernel", main: true) ?? 1
    return Window(
      kernel, stride: fields.extent("stride", or: kernel, shown: "the kernel"),
      padding: fields.extent("padding", or: 0) ?? 0)
  }

  /// The settings of one layer: hands out values and notes what is wrong, missing or unknown.
  private struct Fields {
    let layer: String
    let node: ConfigurationNode
    let classes: Int
    let reader: LayerReader
    var issues = IssueCollector()
    private var known: [String] = []
    /// What each known setting is when it is left out; nil where it must be written.
    private var missing: [String?] = []
    private var mainSetting: String?

    init(layer: String, node: ConfigurationNode, classes: Int, reader: LayerReader) {
      self.layer = layer
      self.node = node
      self.classes = classes
      self.reader = reader
    }

    /// Notes settings that nothing asked for.
    mutating func finish() {
      switch node.value {
      case .null: break
      case .map(let entries):
        for entry in entries where !known.contains(entry.key) {
          issues.add(
            known.isEmpty
              ? "layer \(layer) has no settings, so '\(entry.key)' cannot be set"
              : NearestName.message(
                unknown: "setting of layer \(layer)", entry.key, known: known),
            at: entry.keyPosition ?? node.position)
        }
      default:
        if known.isEmpty {
          issues.add("layer \(layer) has no settings, got \(node.summary)", at: node.position)
        } else if mainSetting == nil {
          issues.add(
            "layer \(layer) takes a mapping of \(known.joined(separator: ", ")), "
              + "got \(node.summary)", at: node.position)
        }
      }
    }

    /// How the layer is written: its name, its settings, and the one that may stand alone.
    var usage: String {
      if known.isEmpty { return layer }
      let settings = zip(known, missing).map { key, value in value.map { "\(key): \($0)" } ?? key }
      let short = mainSetting.map { "\(layer): \($0.uppercased())" }
      if known.count == 1, let short { return missing[0].map { "\(short) (\($0))" } ?? short }
      let full = "\(layer): {\(settings.joined(separator: ", "))}"
      return short.map { "\(full), or \($0)" } ?? full
    }

    mutating func integer(_ key: String, or missing: Int? = nil, main: Bool = false) -> Int? {
      let classes = classes
      return read(key, "a whole number", missing, main: main) { value in
        switch value {
        case .integer(let number): number
        case .text("classes") where key == "outputs": classes
        default: nil
        }
      }
    }

    mutating func number(_ key: String, or missing: Double, main: Bool = true) -> Double? {
      read(key, "a number", missing, main: main) { value in
        switch value {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
      }
    }

    mutating func extent(
      _ key: String, or missing: Extent? = nil, main: Bool = false, shown: String? = nil
    ) -> Extent? {
      let shown = shown ?? missing.map { $0.height == $0.width ? "\($0.height)" : "\($0)" }
      return read(
        key, "a whole number or a list [height, width]", missing, main: main, shown: shown
      ) { value in
        switch value {
        case .integer(let side): return Extent(side)
        case .list(let sides):
          guard sides.count == 2, case .integer(let height) = sides[0].value,
            case .integer(let width) = sides[1].value
          else { return nil }
          return Extent(height: height, width: width)
        default: return nil
        }
      }
    }

    mutating func flag(_ key: String) -> Bool? {
      read(key, "true or false", true, main: false) { value in
        if case .boolean(let flag) = value { flag } else { nil }
      }
    }

    mutating func layers(_ key: String, required: Bool) -> [Layer] {
      known.append(key)
      missing.append(required ? nil : "[]")
      guard let list = node[key] else {
        if required { issues.add("layer \(layer) needs '\(key)'", at: node.position) }
        return []
      }
      var found = IssueCollector()
      let layers = reader.list(list, "layer \(layer), \(key)", &found)
      for issue in found.issues { issues.add(issue.message, at: issue.position) }
      return layers
    }

    /// The value of `key`, of the bare setting if that is meant, or `missing`.
    private mutating func read<Value>(
      _ key: String, _ kind: String, _ missing: Value?, main: Bool, shown: String? = nil,
      _ convert: (ConfigurationNode.Value) -> Value?
    ) -> Value? {
      known.append(key)
      self.missing.append(shown ?? missing.map { "\($0)" })
      var written = node[key]
      if main {
        mainSetting = key
        if node.entries == nil, !node.isNull { written = node }
      }
      guard let written else {
        if missing == nil { issues.add("layer \(layer) needs '\(key)'", at: node.position) }
        return missing
      }
      if let value = convert(written.value) { return value }
      issues.add(
        "layer \(layer): \(key): expected \(kind), got \(written.summary)",
        at: written.position ?? node.position)
      return nil
    }
  }
}

extension ConfigurationNode {
  /// Whether nothing was written.
  fileprivate var isNull: Bool { if case .null = value { true } else { false } }
}
