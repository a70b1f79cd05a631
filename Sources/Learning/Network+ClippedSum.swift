public import Tensors

/// Sums of scaled per-example gradients under any ``ExampleClip``, from one forward and one
/// backward pass as in
/// ``Network/clippedGradientSum(parameters:examples:batch:clippingNorm:mode:workspace:gradient:)``.
extension Network {
  /// The sum over the batch of every example's gradient, each scaled by `clip`.
  ///
  /// An example whose gradient is not finite adds nothing: it is left out and the others are summed
  /// as if it had not been there.
  ///
  /// - Parameters:
  ///   - batch: Positions in `examples`, at least one; of each row's own loss, not of a mean.
  ///   - gradient: Receives the sum.
  /// - Throws: `LearningError` if anything does not fit, or the network mixes examples.
  /// - Complexity: One forward and one backward pass, and the norms: about a tenth more.
  public func clippedGradientSum(
    parameters: Vector, examples: LabeledExamples, batch: [Int], clip: ExampleClip,
    mode: PassMode = .evaluation, workspace: Workspace, gradient: inout Vector
  ) throws(LearningError) -> ClippedBatch {
    try checkPerExample(parameters.count, examples, batch, mode, workspace)
    try check(gradient: gradient.count, place: "clipped gradient")
    try clip.check(layers: parameterLayers.count, place: "clipped gradient")
    return parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        clippedSum(parameters, examples, batch, clip, mode, workspace.float, gradient)
      }
    }
  }

  /// As the form for `Vector`, in double precision.
  public func clippedGradientSum(
    parameters: [Double], examples: LabeledExamples, batch: [Int], clip: ExampleClip,
    mode: PassMode = .evaluation, workspace: Workspace, gradient: inout [Double]
  ) throws(LearningError) -> ClippedBatch {
    try checkPerExample(parameters.count, examples, batch, mode, workspace)
    try check(gradient: gradient.count, place: "clipped gradient")
    try clip.check(layers: parameterLayers.count, place: "clipped gradient")
    return parameters.withUnsafeBufferPointer { parameters in
      gradient.withUnsafeMutableBufferPointer { gradient in
        clippedSum(parameters, examples, batch, clip, mode, workspace.double, gradient)
      }
    }
  }

  private func clippedSum<S: Scalar>(
    _ parameters: UnsafeBufferPointer<S>, _ examples: LabeledExamples, _ batch: [Int],
    _ clip: ExampleClip, _ mode: PassMode, _ scratch: Scratch<S>,
    _ gradient: UnsafeMutableBufferPointer<S>
  ) -> ClippedBatch {
    let target = gradient.baseAddress ?? scratch.vector(.gradient)
    let parameters = parameters.baseAddress ?? UnsafePointer(scratch.vector(.gradient))
    var norms = [Double](repeating: 0, count: batch.count)
    var excluded: [Int] = []
    // Rows of the batch that are still in. A value that is not finite reaches no other row's
    // activations, but zero times it would spoil the sum: such rows must not be there at all.
    var rows = Array(batch.indices)
    while !rows.isEmpty {
      let parts = layerNorms(
        parameters, examples, rows.map { batch[$0] }, mode, scratch)
      var kept: [Int] = []
      for (slot, row) in rows.enumerated() {
        norms[row] = parts.totals[slot].squareRoot()
        if norms[row].isFinite { kept.append(row) } else { excluded.append(row) }
      }
      if kept.count == rows.count {
        var loss = 0.0
        for slot in rows.indices { loss += scratch.losses[slot] }
        send(
          parameters, scratch, parts, clip, rows: rows.count,
          to: GradientSink(target: target, alpha: 1, beta: 0))
        return ClippedBatch(norms: norms, excluded: excluded.sorted(), loss: loss)
      }
      rows = kept
    }
    gradient.update(repeating: 0)
    return ClippedBatch(norms: norms, excluded: excluded.sorted(), loss: 0)
  }

  /// Squared norms of each row's gradient: of each layer's part, layer after layer from the first,
  /// and of the whole.
  private struct LayerNorms {
    var parts: [Double]
    var totals: [Double]
  }

  private func layerNorms<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ examples: LabeledExamples, _ batch: [Int], _ mode: PassMode,
    _ scratch: Scratch<S>
  ) -> LayerNorms {
    let rows = batch.count
    _ = pass(
      batch, of: examples, parameters: parameters, scratch: scratch, scale: 1, mode: mode,
      wantsLosses: true, sink: nil)
    var result = LayerNorms(parts: [], totals: [Double](repeating: 0, count: rows))
    for index in steps.indices {
      guard case .run(let run) = steps[index], run.hasParameters else { continue }
      scratch.norms.update(repeating: 0, count: rows)
      run.operation.addSquaredNorms(
        scratch.site(run, index, parameters, rows: rows), to: scratch.norms)
      for row in 0..<rows {
        result.parts.append(scratch.norms[row])
        result.totals[row] += scratch.norms[row]
      }
    }
    return result
  }

  /// Sends each layer's sum over the rows, each times its factor, to `sink`.
  private func send<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ scratch: Scratch<S>, _ norms: LayerNorms,
    _ clip: ExampleClip, rows: Int, to sink: GradientSink<S>
  ) {
    var layer = 0
    let isPerLayer = if case .perLayer = clip { true } else { false }
    for index in steps.indices {
      guard case .run(let run) = steps[index], run.hasParameters else { continue }
      for row in 0..<rows {
        let square = isPerLayer ? norms.parts[layer * rows + row] : norms.totals[row]
        scratch.factors[row] = S(clip.factor(norm: square.squareRoot(), layer: layer))
      }
      let site = scratch.site(run, index, parameters, rows: rows)
      S.scaleRows(site.dy, by: scratch.factors, rows: rows, width: bufferSizes[run.output])
      run.operation.parameterGradient(site, sink: sink.advanced(by: run.offset))
      layer += 1
    }
  }
}
