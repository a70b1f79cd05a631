internal import Datasets
internal import Federation
internal import GradientInversion
internal import Learning

/// Scores reconstructions against the truth.
struct InversionJudge {
  /// Images that go into the results: the first ones.
  static let shown = 16
  /// Test images that a reconstruction must be told apart from, at most.
  private static let strangers = 1000

  private let truth: GroundTruth
  private let shape: ImageShape
  private let range: InputRange
  private let typical: [Float]?
  /// Images that nobody trained on, and their labels.
  private let others: (images: [[Float]], labels: [Int32])

  init(_ truth: GroundTruth) throws {
    self.truth = truth
    shape = try ImageShape(truth.network.inputShape)
    let range = try InputRange(truth.normalisation, channels: shape.channels)
    self.range = range
    let test = truth.test
    let count = min(test.count, Self.strangers)
    others = (
      (0..<count).map { range.pixels(test.features(of: $0)) },
      (0..<count).map { test.labels[$0] }
    )
    typical =
      others.images.isEmpty
      ? nil : try ReconstructionBaseline.mean(of: Array(others.images.prefix(500)))
  }

  func judge(_ batches: [InvertedBatch]) throws -> Conclusion {
    var scores = InversionScores(
      shape: shape, classes: truth.network.classes, typical: typical, others: others.images)
    var rounds: [Int: (psnr: [Double], margins: [Double])] = [:]
    var shown: [(original: OriginalExample, found: [Float]?, caption: String)] = []
    var failures: [String: Int] = [:]
    for batch in batches {
      let originals = truth.originals(of: batch)
      guard batch.failure == nil, !originals.isEmpty else {
        scores.addFailure()
        failures[batch.failure ?? "no example of the claimed class was there", default: 0] += 1
        continue
      }
      let before = scores.examples.count
      let places = try scores.add(
        batch.images, labels: batch.labels, originals: originals.map { range.pixels($0.features) },
        trueLabels: originals.map(\.label))
      for (index, example) in scores.examples[before...].enumerated() {
        rounds[batch.round, default: ([], [])].psnr.append(example.psnr)
        rounds[batch.round, default: ([], [])].margins.append(example.margin)
        let dB = (example.psnr * 10).rounded() / 10
        shown.append(
          (
            originals[index], places[index].map { batch.images[$0] },
            "client \(originals[index].client), round \(batch.round + 1): "
              + (example.score == nil ? "not found" : "\(dB) dB")
          ))
      }
    }
    var conclusion = Conclusion(figures: scores.figures)
    for (round, values) in rounds {
      conclusion.figures["PSNR in dB, median in round \(round + 1)"] =
        ScoreSpread(values.psnr)?.median
      conclusion.figures["PSNR above gray and mean image in dB, median in round \(round + 1)"] =
        ScoreSpread(values.margins)?.median
    }
    conclusion.figures["identified among test images of the class, share"] =
      try identified(shown.map { ($0.original, $0.found) })
    conclusion.remarks = failures.sorted { $0.key < $1.key }.map { reason, count in
      "attack failed on \(count) of \(batches.count) updates: \(reason)"
    }
    let sorted = scores.examples.map(\.psnr).sorted(by: >)
    if !sorted.isEmpty {
      conclusion.curves["PSNR, best first"] = .init(
        x: sorted.indices.map { Double($0 + 1) }, y: sorted, xLabel: "reconstruction",
        yLabel: "PSNR in dB")
    }
    add(
      shown.prefix(Self.shown).map { (range.pixels($0.original.features), $0.found, $0.caption) },
      to: &conclusion)
    return conclusion
  }

  /// The share of originals that their reconstruction is nearer to than to any test image of the same
  /// class; nil without originals or test images. Of an original without a reconstruction nobody is
  /// identified.
  private func identified(_ pairs: [(original: OriginalExample, found: [Float]?)]) throws -> Double?
  {
    guard !pairs.isEmpty, !others.images.isEmpty else { return nil }
    var total = 0.0
    for (original, image) in pairs {
      guard let image else { continue }
      total += try Identifiability.precision(
        of: [image], truths: [others.images.count],
        among: others.images + [range.pixels(original.features)],
        labels: others.labels + [original.label])
    }
    return total / Double(pairs.count)
  }

  private func add(
    _ pictures: [(original: [Float], found: [Float]?, caption: String)],
    to conclusion: inout Conclusion
  ) {
    guard !pictures.isEmpty, shape.channels == 1 || shape.channels == 3 else { return }
    let sizes = [pictures.count, shape.channels, shape.height, shape.width]
    let captions = pictures.map(\.caption)
    let gray = ReconstructionBaseline.gray(shape)
    conclusion.tensors["originals"] = .init(
      shape: sizes, values: pictures.flatMap(\.original), kind: .images, captions: captions)
    conclusion.tensors["reconstructions"] = .init(
      shape: sizes, values: pictures.flatMap { $0.found ?? gray }, kind: .images,
      captions: captions)
  }
}

extension InputRange {
  /// The valid range of images under a normalisation: values as they are, and those scaled to one,
  /// are pixels from 0 to 1; those standardised were from 0 to 255.
  init(_ normalisation: Normalisation, channels: Int) throws {
    switch normalisation.method {
    case .none, .unit: self = try InputRange.unit(channels: channels)
    case .standard:
      try self.init(
        lower: zip(normalisation.offsets, normalisation.scales).map { -$0 / $1 },
        upper: zip(normalisation.offsets, normalisation.scales).map { (255 - $0) / $1 })
    }
  }
}
