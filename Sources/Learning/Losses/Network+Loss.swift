/// The loss of the batch that lies in a workspace, after a forward pass.
extension Network {
  /// Writes the gradient by the outputs of the batch's summed loss times `scale`, and each row's loss
  /// if asked: with what layers add to it, whose gradients come with theirs.
  func lossGradient<S: Scalar>(_ scratch: Scratch<S>, rows: Int, scale: S, wantsLosses: Bool) {
    let gradient = scratch.gradient(bufferSizes.count - 1)
    let losses = wantsLosses ? scratch.losses : nil
    scratch.lossScale = scale
    defer { if wantsLosses { addPenalties(scratch, rows: rows) } }
    switch loss {
    case .crossEntropy(let smoothing):
      if smoothing == 0, !scratch.hasDenseTargets {
        S.softmaxCrossEntropy(
          scratch.outputs, scratch.labels, gradient: gradient, rows: rows, classes: classes,
          scale: scale, losses: losses)
      } else {
        S.softmaxDense(
          scratch.outputs, targets: mixedTargets(scratch, rows: rows), gradient: gradient,
          rows: rows, classes: classes, scale: scale, losses: losses)
      }
    case .meanSquaredError:
      S.squaredError(
        scratch.outputs, targets: mixedTargets(scratch, rows: rows), gradient: gradient,
        rows: rows, width: classes, scale: scale, losses: losses)
    case .binaryCrossEntropy:
      S.binary(
        scratch.outputs, targets: mixedTargets(scratch, rows: rows), gradient: gradient,
        rows: rows, width: classes, scale: scale, losses: losses)
    }
  }

  /// Adds what layers cost to each row's loss.
  private func addPenalties<S: Scalar>(_ scratch: Scratch<S>, rows: Int) {
    for index in steps.indices {
      guard case .run(let run) = steps[index], case .bottleneck(let operation) = run.operation
      else { continue }
      // It reads no parameters.
      let none = UnsafePointer(scratch.activation(0))
      operation.addPenalty(scratch.site(run, index, none, rows: rows), to: scratch.losses)
    }
  }

  /// Writes each row's loss alone, without label smoothing or what layers cost; the batch has labels.
  func lossValues<S: Scalar>(_ scratch: Scratch<S>, rows: Int) {
    let unused = scratch.spareOutputs
    switch loss {
    case .crossEntropy:
      S.softmaxCrossEntropy(
        scratch.outputs, scratch.labels, gradient: unused, rows: rows, classes: classes, scale: 1,
        losses: scratch.losses)
    case .meanSquaredError:
      S.squaredError(
        scratch.outputs, targets: mixedTargets(scratch, rows: rows), gradient: unused, rows: rows,
        width: classes, scale: 1, losses: scratch.losses)
    case .binaryCrossEntropy:
      S.binary(
        scratch.outputs, targets: mixedTargets(scratch, rows: rows), gradient: unused, rows: rows,
        width: classes, scale: 1, losses: scratch.losses)
    }
  }

  /// Writes the tangent of the gradient by the outputs, from the outputs' tangent.
  func lossTangent<S: Scalar>(_ scratch: Scratch<S>, rows: Int, scale: S) {
    let last = bufferSizes.count - 1
    let (tangent, out) = (scratch.tangent(last), scratch.gradientTangent(last))
    switch loss {
    case .crossEntropy:
      let targets = scratch.hasDenseTargets ? mixedTargets(scratch, rows: rows) : nil
      S.softmaxTangent(
        scratch.outputs, targets: targets, tangent: tangent, into: out, rows: rows,
        classes: classes, scale: scale)
    case .meanSquaredError:
      S.scaled(tangent, by: 2 * scale / S(classes), into: out, count: rows * classes)
    case .binaryCrossEntropy:
      S.binaryTangent(
        scratch.outputs, tangent: tangent, into: out, rows: rows, width: classes, scale: scale)
    }
  }

  /// Writes the tangent of the gradient by dense targets, from the outputs' tangent.
  func lossTargetTangent<S: Scalar>(
    _ scratch: Scratch<S>, rows: Int, scale: S, into out: UnsafeMutablePointer<S>
  ) {
    let tangent = scratch.tangent(bufferSizes.count - 1)
    switch loss {
    case .crossEntropy(let smoothing):
      S.softmaxTargetTangent(
        scratch.outputs, tangent: tangent, into: out, rows: rows, classes: classes,
        scale: scale * S(1 - smoothing))
    case .meanSquaredError:
      S.scaled(tangent, by: -2 * scale / S(classes), into: out, count: rows * classes)
    case .binaryCrossEntropy:
      S.scaled(tangent, by: -scale / S(classes), into: out, count: rows * classes)
    }
  }

  /// The targets as values, one for each output: classes as one-hot vectors, smoothed.
  private func mixedTargets<S: Scalar>(
    _ scratch: Scratch<S>, rows: Int
  ) -> UnsafePointer<S> {
    var smoothing = 0.0
    if case .crossEntropy(let share) = loss { smoothing = share }
    if scratch.hasDenseTargets, smoothing == 0 { return UnsafePointer(scratch.targets) }
    let mixed = scratch.spareTargets
    let floor = S(smoothing / Double(classes))
    let keep = S(1 - smoothing)
    for index in 0..<(rows * classes) {
      mixed[index] = scratch.hasDenseTargets ? keep * scratch.targets[index] + floor : floor
    }
    if !scratch.hasDenseTargets {
      for row in 0..<rows { mixed[row * classes + Int(scratch.labels[row])] += keep }
    }
    return UnsafePointer(mixed)
  }
}
