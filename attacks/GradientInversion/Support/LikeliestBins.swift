internal import GradientInversion

extension [Imprint.Bin] {
  /// Those that can be one example first, of these the ones with the largest share of the gradient:
  /// what rounding leaves in an empty bin comes last.
  var likeliestFirst: [Imprint.Bin] {
    sorted { first, second in
      if first.isConsistent != second.isConsistent { return first.isConsistent }
      let (a, b) = (abs(first.biasGradient), abs(second.biasGradient))
      return a != b ? a > b : first.index < second.index
    }
  }
}
