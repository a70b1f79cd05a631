internal import CommandLineTools
internal import FileFormats
internal import Foundation

/// A folder that reconstructions are written to.
struct PictureFolder {
  let path: String

  /// The folder at `path`, made if need be.
  ///
  /// - Throws: `UserError` if it cannot be made or is a file.
  init(_ path: String) throws {
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw UserError(
        "--output: cannot make the folder '\(path)': "
          + "\((error as NSError).localizedDescription); give another")
    }
  }

  /// Writes `image-1.png` and so on, and `contact-sheet.png`: originals above what stands for them,
  /// reconstructions without an original behind these.
  ///
  /// - Parameters:
  ///   - images: Pixels from 0 to 1.
  ///   - shape: Channels (1 or 3), height, width.
  ///   - originals: The true pixels; empty if not known.
  ///   - places: For each original the image that stands for it.
  func write(
    _ images: [[Float]], shape: [Int], originals: [[Float]], places: [Int?]
  ) throws {
    for (index, image) in images.enumerated() {
      let picture = PNGImage(
        pixels: image, channels: shape[0], height: shape[1], width: shape[2])
      try write(picture.encoded(), to: "image-\(index + 1).png")
    }
    var sheet = ContactSheet(channels: shape[0], height: shape[1], width: shape[2])
    if !originals.isEmpty {
      sheet.add(row: originals)
      let rest = images.indices.filter { !places.contains($0) }
      sheet.add(row: places.map { $0.map { images[$0] } } + rest.map { images[$0] })
    } else {
      sheet.add(row: images)
    }
    if let picture = sheet.image() { try write(picture.encoded(), to: "contact-sheet.png") }
  }

  /// Writes rows of numbers as `rows.csv`.
  func write(table rows: [[Float]]) throws {
    let text = rows.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined()
    try write(text, to: "rows.csv")
  }

  func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  private func write(_ bytes: [UInt8], to name: String) throws {
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name), options: .atomic)
    } catch {
      throw UserError(
        "cannot write '\(path)/\(name)': \((error as NSError).localizedDescription); give another "
          + "--output")
    }
  }
}
