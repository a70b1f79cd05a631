/// Whether a reconstruction gives its person away: the share of reconstructions whose nearest
/// neighbour among candidates of the same class is the true image.
///
/// Works on any vectors: pixels, or the model's own features of the images.
///
/// Source: Yin et al., See through gradients: image batch recovery via GradInversion, CVPR 2021,
/// section 4.2, image identifiability precision.
public enum Identifiability {
  /// The share, from 0 to 1; an equal distance does not count, since it identifies nobody.
  ///
  /// - Parameters:
  ///   - reconstructions: A vector for each reconstruction.
  ///   - truths: For each reconstruction, the candidate that it shows.
  ///   - candidates: The vectors among which the true one hides, all of one length.
  ///   - labels: The class of each candidate.
  /// - Throws: `InversionError` if lengths do not fit, or an index is out of range.
  public static func precision(
    of reconstructions: [[Float]], truths: [Int], among candidates: [[Float]], labels: [Int32]
  ) throws(InversionError) -> Double {
    guard truths.count == reconstructions.count, !truths.isEmpty else {
      throw .sizeMismatch(
        what: "true indices", got: truths.count,
        expected: "one for each of \(max(1, reconstructions.count)) reconstructions")
    }
    guard labels.count == candidates.count else {
      throw .sizeMismatch(
        what: "labels of candidates", got: labels.count, expected: "\(candidates.count)")
    }
    var found = 0
    for (image, truth) in zip(reconstructions, truths) {
      guard candidates.indices.contains(truth) else {
        throw .invalid(
          what: "a true index", got: "\(truth)", requirement: "must name a candidate")
      }
      let own = try distance(image, candidates[truth])
      var nearest = true
      for index in candidates.indices where index != truth && labels[index] == labels[truth] {
        if try distance(image, candidates[index]) <= own { nearest = false }
      }
      found += nearest ? 1 : 0
    }
    return Double(found) / Double(reconstructions.count)
  }

  private static func distance(_ a: [Float], _ b: [Float]) throws(InversionError) -> Double {
    guard a.count == b.count else {
      throw .sizeMismatch(what: "values of a candidate", got: b.count, expected: "\(a.count)")
    }
    return zip(a, b).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
  }
}
