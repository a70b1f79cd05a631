internal import CommandLineTools
internal import FileFormats
internal import Learning
internal import MembershipInference

/// What models of any framework said about examples, and which they were trained on, from a file.
struct ScoreFile {
  /// How scores are written.
  enum Kind: String, CaseIterable {
    case losses, logits, probabilities
  }

  /// The table that scores are computed from.
  let table: ShadowTable
  /// The models under attack.
  let targets: [Int]
  /// Whether every model is a target.
  let leavesOneOut: Bool
  /// What a reader should know before believing anything.
  private(set) var warnings: [String] = []

  /// Reads `scores`, `members` and what else the file has.
  ///
  /// - Parameters:
  ///   - kind: How scores are written; nil guesses from the number of dimensions.
  ///   - target: The model under attack; nil takes the file's `target`, or each model in turn.
  init(_ path: String, kind: Kind?, target: Int?) throws {
    let archive: TensorArchive
    do {
      archive = try TensorArchive.read(path)
    } catch {
      throw UserError("\(error)")
    }
    do {
      let scores = try archive.tensor("scores")
      let outputs = try Self.outputs(
        scores, labels: archive["labels"], kind: kind, file: archive.file)
      let membership = try Self.membership(try archive.tensor("members"), outputs, archive.file)
      let chosen = try target ?? Self.target(archive["target"], archive.file)
      let isPopulation = try archive["population"].map {
        try Self.truths($0, count: outputs.examples, archive.file)
      }
      var audited = chosen == nil ? membership.mixed : Array(0..<outputs.examples)
      if let isPopulation {
        audited.removeAll { isPopulation[$0] }
        let counts = membership.counts
        if let bad = isPopulation.indices.first(where: { isPopulation[$0] && counts[$0] > 0 }) {
          throw UserError(
            "\(path): population: example \(bad) is in the training data of \(counts[bad]) "
              + "models; known non-members are in none")
        }
      }
      if let chosen, chosen < 0 || chosen >= outputs.models {
        throw UserError(
          "\(path): target \(chosen): there are \(outputs.models) models, numbered from 0 to "
            + "\(outputs.models - 1)")
      }
      guard !audited.isEmpty else {
        throw UserError(
          "\(path): every example is in all models or in none, so that no model can be the target "
            + "of the others; name one with --target, or train half of the models on each example")
      }
      table = try ShadowTable(
        outputs, membership,
        data: try Self.features(archive["features"], outputs, archive["labels"], archive.file),
        audited: audited)
      targets = chosen.map { [$0] } ?? Array(0..<outputs.models)
      leavesOneOut = chosen == nil
    } catch let error as MembershipError {
      throw UserError("\(path): \(error)")
    } catch let error as TensorFileError {
      throw UserError("\(error)")
    }
    warnings = findings(path)
  }

  private static func outputs(
    _ scores: NamedTensor, labels: NamedTensor?, kind: Kind?, file: String
  ) throws -> ModelOutputs {
    let shape = scores.shape
    let values = try scores.doubles
    let kind = kind ?? (shape.count == 2 ? .losses : .logits)
    let dimensions = kind == .losses ? [2, 3] : [3, 4]
    guard dimensions.contains(shape.count), shape.allSatisfy({ $0 >= 1 }) else {
      throw UserError(
        "\(file): scores: the shape is \(shape); \(kind.rawValue) are models x examples"
          + (kind == .losses ? " [x queries]" : " [x queries] x classes")
          + (kind == .losses ? "; for class scores say --kind logits" : ""))
    }
    let (models, examples) = (shape[0], shape[1])
    var classes: [Int32] = []
    if let labels {
      guard labels.shape == [examples] else {
        throw UserError(
          "\(file): labels: the shape is \(labels.shape); scores have \(examples) examples, so it "
            + "must be [\(examples)]")
      }
      classes = try labels.integers.enumerated().map { example, label in
        guard let label = Int32(exactly: label), label >= 0 else {
          throw UserError("\(file): labels: example \(example) has \(label); classes count from 0")
        }
        return label
      }
    }
    guard kind == .losses else {
      guard labels != nil else {
        throw UserError(
          "\(file): scores of shape \(shape) are \(kind.rawValue) by class, so the file must have "
            + "'labels', one class an example; for losses of several queries say --kind losses")
      }
      let queries = shape.count == 4 ? shape[2] : 1
      let width = shape[shape.count - 1]
      return kind == .logits
        ? try ModelOutputs(
          logits: values, models: models, examples: examples, queries: queries, classes: width,
          labels: classes)
        : try ModelOutputs(
          probabilities: values, models: models, examples: examples, queries: queries,
          classes: width, labels: classes)
    }
    // Single precision stays single when it is stored as double.
    let isSingle = values.allSatisfy { Double(Float($0)) == $0 }
    return try ModelOutputs(
      losses: values, models: models, examples: examples,
      queries: shape.count == 3 ? shape[2] : 1, labels: classes,
      resolution: isSingle ? 0x1p-24 : 0x1p-53)
  }

  private static func membership(
    _ members: NamedTensor, _ outputs: ModelOutputs, _ file: String
  ) throws -> Membership {
    let expected = [outputs.models, outputs.examples]
    guard members.shape == expected else {
      let hint =
        members.shape == expected.reversed() ? "; it is transposed, give members.T" : ""
      throw UserError(
        "\(file): members: the shape is \(members.shape), but scores are of \(expected[0]) models x "
          + "\(expected[1]) examples and members must be, too\(hint)")
    }
    return try Membership(
      models: outputs.models, examples: outputs.examples,
      truths(members, count: outputs.models * outputs.examples, file))
  }

  /// Truth values, also where they are written as numbers 0 and 1.
  private static func truths(
    _ tensor: NamedTensor, count: Int, _ file: String
  ) throws -> [Bool] {
    let floats = tensor.values.roundedFloats
    guard floats.count == count else {
      throw UserError(
        "\(file): \(tensor.name): there are \(floats.count) values, but there must be \(count)")
    }
    if let bad = floats.firstIndex(where: { $0 != 0 && $0 != 1 }) {
      throw UserError(
        "\(file): \(tensor.name): value \(bad) is \(floats[bad]); write true and false, or 1 and 0")
    }
    return floats.map { $0 == 1 }
  }

  private static func target(_ tensor: NamedTensor?, _ file: String) throws -> Int? {
    guard let tensor else { return nil }
    let values = try tensor.integers
    guard values.count == 1 else {
      throw UserError(
        "\(file): target: there are \(values.count) numbers; give the row of one model, or leave "
          + "'target' out for each model in turn")
    }
    return Int(values[0])
  }

  private static func features(
    _ tensor: NamedTensor?, _ outputs: ModelOutputs, _ labels: NamedTensor?, _ file: String
  ) throws -> LabeledExamples? {
    guard let tensor else { return nil }
    guard tensor.shape.count >= 2, tensor.shape[0] == outputs.examples else {
      throw UserError(
        "\(file): features: the shape is \(tensor.shape); it must begin with the number of examples, "
          + "\(outputs.examples)")
    }
    let classes =
      outputs.labels.isEmpty
      ? [Int32](repeating: 0, count: outputs.examples) : outputs.labels
    do {
      return try LabeledExamples(
        features: tensor.values.roundedFloats, labels: classes,
        shape: Array(tensor.shape.dropFirst()), classes: Int(classes.max() ?? 0) + 1)
    } catch {
      throw UserError("\(file): features: \(error)")
    }
  }

  /// What may mislead.
  private func findings(_ path: String) -> [String] {
    var found: [String] = []
    let (models, audited) = (table.models, table.audited)
    let left = table.examples - audited.count - table.population.count
    if leavesOneOut, left > 0 {
      found.append(
        "\(left) of \(table.examples) examples are in all models or in none and are not judged")
    }
    let counts = table.membership.counts
    let inside = audited.map { counts[$0] }
    if models > 1, let least = inside.min(), let most = inside.max(),
      4 * least < models || 4 * most > 3 * models
    {
      if leavesOneOut {
        found.append(
          "masks are unbalanced: examples are in from \(least) to \(most) of \(models) models, and "
            + "few shadows of a kind say little; train exactly half of the models on each example")
      } else if most <= 1 {
        found.append(
          "no shadow was trained on the examples; only offline modes can be used")
      }
    }
    let (exact, all) = table.outputs.lossesAtResolution
    if 100 * exact > all {
      found.append(
        "\(exact) of \(all) losses are 0 as far as their precision shows, and the surest examples "
          + "tie; give logits and labels instead")
    }
    if targets.count == 1 {
      found.append(
        "one target: intervals do not hold how results differ from one training to the next")
    }
    return found
  }
}
