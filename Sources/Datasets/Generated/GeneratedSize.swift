import Components

/// How much data a generated source may hold.
enum GeneratedSize {
  /// Most feature values of both parts together: 4 GiB.
  static let limit = 1 << 30

  /// Whether `examples` rows of `features` values are few enough.
  static func fits(_ examples: [Int], features: Int) -> Bool {
    var left = limit
    for count in examples {
      let (values, overflows) = count.multipliedReportingOverflow(by: features)
      guard !overflows, values <= left else { return false }
      left -= values
    }
    return true
  }
}

extension ParameterCheck {
  /// Checks the sizes of both parts of generated data.
  mutating func sizes(train: Int, test: Int, features: Int) {
    atLeastOne("examples", train)
    atLeastOne("test-examples", test)
    guard train >= 1, test >= 1, features >= 1 else { return }
    self(
      "examples", GeneratedSize.fits([train, test], features: features),
      "must be few enough for 2^30 values of \(features) an example, test examples included",
      got: train)
  }
}

extension Card.Parameter {
  static let generatedExamples = Card.Parameter(
    "examples", "number of training examples",
    range: "an integer of at least 1; all feature values together at most 2^30")
  static let generatedTestExamples = Card.Parameter(
    "test-examples", "number of test examples", range: "an integer of at least 1")
}
