import Components

extension ParameterCheck {
  /// Checks what every source of files has.
  mutating func split(fraction: Double, seed: Int, classes: Int = 0, shape: [Int] = []) {
    self(
      "test-fraction", fraction > 0 && fraction < 1, "must be greater than 0 and less than 1",
      got: fraction)
    self("split-seed", seed >= 0, "must be at least 0", got: seed)
    self(
      "classes", (0...LabelRange.classLimit).contains(classes),
      "must be from 0 to \(LabelRange.classLimit)", got: classes)
    self(
      "shape", shape.allSatisfy { (1...1 << 20).contains($0) } && shape.count <= 3,
      "must be at most three sizes of at least 1", got: shape)
  }

  /// Checks that two paths are both there or both not; the missing one is to blame.
  mutating func pair(_ key: String, _ path: DataPath, _ other: String, _ second: DataPath) {
    self(key, second.isEmpty || !path.isEmpty, "must be given beside \(other)", got: "nothing")
    self(other, path.isEmpty || !second.isEmpty, "must be given beside \(key)", got: "nothing")
  }

  /// Checks that a path is there.
  mutating func path(_ key: String, _ path: DataPath) {
    self(key, !path.isEmpty, "must be the path of a file", got: "nothing")
  }
}

/// The parameters that sources of files share, as their cards show them.
enum SharedParameters {
  static let testFraction = Card.Parameter(
    "test-fraction", "the part of the examples to test on, where no file is given for it",
    range: "greater than 0, less than 1")
  static let splitSeed = Card.Parameter(
    "split-seed", "fixes which examples those are, whatever the experiment's seed",
    range: "an integer of at least 0")
  static let classes = Card.Parameter(
    "classes", "number of classes; 0: one more than the largest training label",
    range: "an integer from 0 to 65536")
  static let shape = Card.Parameter(
    "shape", "the shape of one example, such as [1, 28, 28]; []: as the file has it",
    range: "up to three integers")
  static let normalise = Card.Parameter(
    "normalise", "what happens to values; the numbers come from the training part alone",
    range: "none, unit or standard",
    choices: [
      "none: values stay as they are", "unit: pixels from 0 to 255 are divided by 255",
      "standard: mean 0, standard deviation 1, each feature or image channel by itself",
    ])

  /// A path.
  static func path(_ key: String, _ meaning: String) -> Card.Parameter {
    Card.Parameter(
      key, meaning, range: "a path, relative to the experiment file; \"\" for none")
  }

  /// What a source of files says of who made the data.
  static let attribution = "the user's own files"
}
