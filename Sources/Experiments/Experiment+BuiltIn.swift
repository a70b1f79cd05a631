internal import CEmbedded
internal import Components

extension Experiment {
  /// The text of the built-in experiment: `experiments/first-matrix.yaml`.
  public static var builtInText: String {
    var count = 0
    guard let bytes = embedded_first_matrix_yaml(&count) else { return "" }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// The experiment that `rampart matrix` runs without a file.
  public static func builtIn() throws -> Experiment {
    try parse(builtInText, file: "built-in experiment")
  }
}
