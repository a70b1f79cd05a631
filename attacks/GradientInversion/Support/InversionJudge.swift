internal import Datasets
internal import Federation
internal import GradientInversion
internal import Learning

/// Scores reconstructions against the truth.
struct InversionJudge {
  /// Images that go into the results: the first ones.
  static let shown = 16

  private let truth: GroundTruth
  private let shape: ImageShape
  private let range: InputRange
  private let typical: [Float]?

  init(_ truth: GroundTruth) throws {
    self.truth = truth
    shape = try ImageShape(truth.network.inputShape)
    let range = try InputRange(truth.normalisation, channels: shape.channels)
    self.range = range
    let test = truth.test
    typical =
      try test.count == 0
      ? nil
      : ReconstructionBaseline.mean(
        of: (0..<min(test.count, 500)).map { range.pixels(test.features(of: $0)) })
  }

  func judge(_ batches: [InvertedBatch]) throws -> Conclusion {
    var scores = InversionScores(
      shape: shape, classes: truth.network.classes, typical: typical)
    var gains: [Int: [Double]] = [:]
    var pictures: [(original: [Float], found: [Float]?, caption: String)] = []
    var failures: [String: Int] = [:]
    for batch in batches {
      let originals = try self.originals(of: batch)
      guard batch.failure == nil, !originals.isEmpty else {
        scores.addFailure()
        failures[batch.failure ?? "no example of the claimed class was there", default: 0] += 1
        continue
      }
      let before = scores.examples.count
      let places = try scores.add(
        batch.images, labels: batch.labels, originals: originals.map(\.pixels),
        trueLabels: originals.map(\.label))
      for (index, example) in scores.examples[before...].enumerated() {
        gains[batch.round, default: []].append(example.psnr)
        let dB = (example.psnr * 10).rounded() / 10
        pictures.append(
          (
            originals[index].pixels, places[index].map { batch.images[$0] },
            "client \(originals[index].client), round \(batch.round + 1): "
              + (example.score == nil ? "not found" : "\(dB) dB")
          ))
      }
    }
    var conclusion = Conclusion(figures: scores.figures)
    for (round, values) in gains {
      if let spread = ScoreSpread(values) {
        conclusion.figures["PSNR in dB, median in round \(round + 1)"] = spread.median
      }
    }
    conclusion.remarks = failures.sorted { $0.key < $1.key }.map { reason, count in
      "attack failed on \(count) of \(batches.count) updates: \(reason)"
    }
    let sorted = scores.examples.map(\.psnr).sorted(by: >)
    if !sorted.isEmpty {
      conclusion.curves["PSNR, best first"] = .init(
        x: sorted.indices.map { Double($0 + 1) }, y: sorted, xLabel: "reconstruction",
        yLabel: "PSNR in dB")
    }
    add(Array(pictures.prefix(Self.shown)), to: &conclusion)
    return conclusion
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

  private struct Original {
    var client: Int
    var pixels: [Float]
    var label: Int32
  }

  /// The distinct examples that the update was computed on, in the order in which steps first took
  /// them; all of a client's where its trainer does not tell.
  private func originals(of batch: InvertedBatch) throws -> [Original] {
    var originals: [Original] = []
    for client in batch.clients ?? truth.participants(inRound: batch.round) {
      let examples = truth.examples(of: client)
      let steps = truth.batches(of: client, inRound: batch.round)
      var seen: Set<Int> = []
      for position in steps?.flatMap({ $0 }) ?? Array(0..<examples.count)
      where seen.insert(position).inserted {
        let label = examples.labels[position]
        if let claim = batch.claim, claim != label { continue }
        originals.append(
          Original(
            client: client, pixels: range.pixels(examples.features(of: position)), label: label))
      }
    }
    return originals
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
