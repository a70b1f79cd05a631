/// The shape of one image, which lies flattened channel by channel, each channel row by row.
public struct ImageShape: Sendable, Hashable {
  /// Colour channels.
  public let channels: Int
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// An image of `channels` x `height` x `width`.
  ///
  /// - Throws: `InversionError` unless every size is at least 1.
  public init(channels: Int, height: Int, width: Int) throws(InversionError) {
    guard channels >= 1, height >= 1, width >= 1 else {
      throw .invalid(
        what: "the image shape", got: "\(channels)x\(height)x\(width)",
        requirement: "needs positive sizes")
    }
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The shape of a network's input, `[channels, height, width]`.
  ///
  /// - Throws: `InversionError` if that input is no image.
  public init(_ shape: [Int]) throws(InversionError) {
    guard shape.count == 3 else {
      throw .invalid(
        what: "the input shape", got: "\(shape)", requirement: "must be channels, height, width")
    }
    try self.init(channels: shape[0], height: shape[1], width: shape[2])
  }

  /// Pixels of one channel.
  public var area: Int { height * width }
  /// Values of the image.
  public var count: Int { channels * area }

  /// Values of one image in double precision, limited to the valid range of pixels, 0 to 1.
  ///
  /// - Throws: `InversionError` for another length, or a pixel that is not a number.
  func pixels(_ image: [Float], _ what: String) throws(InversionError) -> [Double] {
    guard image.count == count else {
      throw .sizeMismatch(
        what: "pixels of \(what)", got: image.count,
        expected: "\(count), \(channels)x\(height)x\(width)")
    }
    if let bad = image.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(what: what, index: bad)
    }
    return image.map { Double(min(max($0, 0), 1)) }
  }
}
