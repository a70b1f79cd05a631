/// An image of 8 bits a sample, gray or RGB, and how it is written as PNG.
///
/// Source: W3C Portable Network Graphics (third edition), 2025, sections 5 and 11.
public struct PNGImage: Sendable, Hashable {
  /// Columns, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// 1 for gray, 3 for red, green, blue.
  public let channels: Int
  /// Samples row by row from the top, the channels of a pixel side by side.
  public let samples: [UInt8]

  /// An image of samples.
  ///
  /// - Precondition: Sizes from 1 to 2^31 - 1, 1 or 3 channels, as many samples as these say.
  public init(width: Int, height: Int, channels: Int, samples: [UInt8]) {
    precondition(
      (1..<(1 << 31)).contains(width) && (1..<(1 << 31)).contains(height)
        && (channels == 1 || channels == 3) && samples.count == width * height * channels,
      "an image needs \(width)x\(height)x\(channels) samples, got \(samples.count)")
    self.width = width
    self.height = height
    self.channels = channels
    self.samples = samples
  }

  /// An image of pixels from 0 to 1, channel after channel, each row by row: values outside are cut
  /// off, what is no number is black; rounded to the nearest of 256 levels.
  ///
  /// - Precondition: As for samples.
  public init(pixels: [Float], channels: Int, height: Int, width: Int) {
    precondition(pixels.count == channels * height * width, "as many pixels as the sizes say")
    var samples = [UInt8](repeating: 0, count: pixels.count)
    for channel in 0..<channels {
      for place in 0..<(height * width) {
        samples[place * channels + channel] = Self.sample(pixels[channel * height * width + place])
      }
    }
    self.init(width: width, height: height, channels: channels, samples: samples)
  }

  static func sample(_ pixel: Float) -> UInt8 {
    pixel > 0 ? UInt8((min(pixel, 1) * 255).rounded()) : 0
  }

  /// The bytes of a PNG file.
  ///
  /// - Complexity: O(samples).
  public func encoded() -> [UInt8] {
    var bytes: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let color: UInt8 = channels == 1 ? 0 : 2
    Self.append(
      "IHDR", Self.bigEndian(width) + Self.bigEndian(height) + [8, color, 0, 0, 0], to: &bytes)
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (width * channels + 1))
    for row in 0..<height {
      // Every row begins with its filter; 0 is none.
      rows.append(0)
      rows += samples[(row * width * channels)..<((row + 1) * width * channels)]
    }
    Self.append("IDAT", Gzip.deflated(rows), to: &bytes)
    Self.append("IEND", [], to: &bytes)
    return bytes
  }

  private static func append(_ kind: String, _ content: [UInt8], to bytes: inout [UInt8]) {
    bytes += bigEndian(content.count)
    let body = Array(kind.utf8) + content
    bytes += body
    bytes += bigEndian(Int(Gzip.crc(body)))
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
