/// Softmax cross-entropy with hard labels, `L = mean over the batch of -log softmax(z)[label]`.
///
/// With `s = softmax(z)` and `q` the one-hot label, `dL/dz = (s - q) / batch`. The row's largest
/// logit is subtracted first, so no finite logit overflows.
struct SoftmaxCrossEntropy {
  /// Length of a logit vector.
  let classes: Int

  /// Writes `scale (s - q)` per row into `dz` and, if asked, each row's loss; `scale` is 1 over the
  /// number of examples that the mean runs over, which may be more than `rows`.
  func backward<S: Scalar>(
    _ logits: UnsafePointer<S>, labels: UnsafePointer<Int32>, into dz: UnsafeMutablePointer<S>,
    rows: Int, scale: S, losses: UnsafeMutablePointer<Double>?
  ) {
    S.softmaxCrossEntropy(
      logits, labels, gradient: dz, rows: rows, classes: classes, scale: scale, losses: losses)
  }
}
