/// What the compiler requires of layers, and how it says so.
extension NetworkCompiler {
  /// Positions that a window takes along each axis.
  func extent(
    height: Int, width: Int, _ kernel: Extent, _ stride: Extent, _ padding: Extent, _ name: String
  ) throws(LearningError) -> (height: Int, width: Int) {
    try require(
      kernel.height >= 1 && kernel.width >= 1, name, "the kernel", kernel, "must be at least 1x1")
    try require(
      stride.height >= 1 && stride.width >= 1, name, "the stride", stride, "must be at least 1x1")
    try require(
      padding.height >= 0 && padding.width >= 0, name, "the padding", padding,
      "must not be negative")
    try Self.check(size: [kernel.height, kernel.width], "layer \(name)", "the kernel")
    try Self.check(
      size: [max(padding.height, 1), max(padding.width, 1)], "layer \(name)", "the padding")
    try require(
      kernel.height <= height + 2 * padding.height && kernel.width <= width + 2 * padding.width,
      name, "the kernel", kernel,
      "must fit into the input, \(Extent(height: height, width: width)) with padding \(padding)")
    return (
      (height + 2 * padding.height - kernel.height) / stride.height + 1,
      (width + 2 * padding.width - kernel.width) / stride.width + 1
    )
  }

  func check(epsilon: Double, _ name: String) throws(LearningError) {
    try require(
      epsilon > 0 && epsilon.isFinite, name, "epsilon", epsilon, "must be a positive number")
  }

  func require(
    _ condition: Bool, _ name: String, _ what: String, _ got: some Any, _ requirement: String
  ) throws(LearningError) {
    guard !condition else { return }
    throw .invalid(
      place: "layer \(name)", what: what, got: "\(got)", requirement: requirement)
  }

  /// Checks that so many values can be counted and, with some luck, stored.
  static func check(size: [Int], _ place: String, _ what: String) throws(LearningError) {
    var count = 1
    for side in size {
      let (product, overflows) = count.multipliedReportingOverflow(by: side)
      guard !overflows, product <= Int(Int32.max) else {
        throw .invalid(
          place: place, what: "the size of \(what)", got: describe(size),
          requirement: "must be at most \(Int32.max) values")
      }
      count = product
    }
  }

  /// A shape as `3x32x32`.
  static func describe(_ shape: [Int]) -> String {
    shape.map(String.init).joined(separator: "x")
  }
}
