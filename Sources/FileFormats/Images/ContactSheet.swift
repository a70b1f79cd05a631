/// Small images of one size side by side: originals in one row, what was made of them below.
///
/// Pixels are repeated, not smoothed, until an image is large enough to look at.
public struct ContactSheet: Sendable {
  /// Channels of each image, 1 or 3.
  public let channels: Int
  /// Rows of each image.
  public let height: Int
  /// Columns of each image.
  public let width: Int
  private var rows: [[[Float]?]] = []

  /// An empty sheet for images of this size.
  ///
  /// - Precondition: 1 or 3 channels, positive sizes.
  public init(channels: Int, height: Int, width: Int) {
    precondition((channels == 1 || channels == 3) && height >= 1 && width >= 1, "sizes of images")
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Adds a row of images: pixels from 0 to 1, channel after channel; nil leaves a place free.
  ///
  /// - Precondition: Every image has the sheet's size.
  public mutating func add(row: [[Float]?]) {
    precondition(
      row.allSatisfy { ($0?.count ?? channels * height * width) == channels * height * width },
      "images of another size")
    rows.append(row)
  }

  /// How often each pixel is repeated, so that the longer side has at least `side`.
  static func scale(_ height: Int, _ width: Int, side: Int) -> Int {
    max(1, (side + max(height, width) - 1) / max(height, width))
  }

  /// The sheet as one image, a border of 4 light pixels around every place; nil without any.
  ///
  /// - Parameter side: What the longer side of each image has at least.
  public func image(side: Int = 64) -> PNGImage? {
    let columns = rows.map(\.count).max() ?? 0
    guard columns > 0 else { return nil }
    let scale = Self.scale(height, width, side: side)
    let border = 4
    let (tall, wide) = (height * scale, width * scale)
    let size = (
      height: rows.count * (tall + border) + border, width: columns * (wide + border) + border
    )
    var samples = [UInt8](repeating: 235, count: size.height * size.width * channels)
    for (row, images) in rows.enumerated() {
      for (column, image) in images.enumerated() {
        guard let image else { continue }
        let corner = (
          row: border + row * (tall + border), column: border + column * (wide + border)
        )
        for y in 0..<tall {
          for x in 0..<wide {
            let place = (corner.row + y) * size.width + corner.column + x
            for channel in 0..<channels {
              let pixel = image[channel * height * width + (y / scale) * width + x / scale]
              samples[place * channels + channel] = PNGImage.sample(pixel)
            }
          }
        }
      }
    }
    return PNGImage(width: size.width, height: size.height, channels: channels, samples: samples)
  }
}
