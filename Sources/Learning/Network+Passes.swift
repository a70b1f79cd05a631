/// The passes over one batch that lies in a workspace: internal, generic, one switch per step.
extension Network {
  /// Computes every activation from activation 0.
  func forward<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ scratch: Scratch<S>, rows: Int, mode: PassMode
  ) {
    for index in steps.indices {
      switch steps[index] {
      case .run(let run):
        run.operation.forward(scratch.site(run, index, parameters, rows: rows), mode: mode)
      case .merge(let merge):
        S.sum(
          scratch.activation(merge.left), scratch.activation(merge.right),
          into: scratch.activation(merge.output), count: rows * merge.width)
      }
    }
  }

  /// Computes the gradients by the activations, last step first, and sends every parameter gradient
  /// to `sink`, if there is one. A step's input gradient is taken before its parameters change, so
  /// the sink may be the parameters.
  func backward<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ scratch: Scratch<S>, rows: Int, sink: GradientSink<S>?,
    wantsInput: Bool = false
  ) {
    for index in steps.indices.reversed() {
      switch steps[index] {
      case .run(let run):
        let site = scratch.site(run, index, parameters, rows: rows)
        if run.inputDepends || wantsInput {
          let dx = scratch.gradient(run.input)
          if run.accumulates {
            run.operation.inputGradient(site, into: scratch.spare)
            S.add(scratch.spare, to: dx, count: rows * run.width)
          } else {
            run.operation.inputGradient(site, into: dx)
          }
        }
        if run.hasParameters, let sink {
          run.operation.parameterGradient(site, sink: sink.advanced(by: run.offset))
        }
      case .merge(let merge):
        spread(
          scratch.gradient(merge.output), merge, count: rows * merge.width, wantsInput: wantsInput,
          left: scratch.gradient(merge.left), right: scratch.gradient(merge.right))
      }
    }
  }

  /// Computes every activation's tangent along the direction `v` of the parameters and, if `moves`,
  /// along the direction of the batch that lies in tangent 0.
  func tangentForward<S: Scalar>(
    _ parameters: UnsafePointer<S>, along v: UnsafePointer<S>, _ scratch: Scratch<S>, rows: Int,
    moves: Bool
  ) {
    for index in steps.indices {
      switch steps[index] {
      case .run(let run):
        guard run.outputDepends || moves else { continue }
        run.operation.tangentForward(
          scratch.tangentSite(run, index, parameters, v, rows: rows, moves: moves))
      case .merge(let merge):
        let output = scratch.tangent(merge.output)
        let count = rows * merge.width
        switch (merge.leftDepends || moves, merge.rightDepends || moves) {
        case (true, true):
          S.sum(
            scratch.tangent(merge.left), scratch.tangent(merge.right), into: output, count: count)
        case (true, false): output.update(from: scratch.tangent(merge.left), count: count)
        case (false, true): output.update(from: scratch.tangent(merge.right), count: count)
        case (false, false): break
        }
      }
    }
  }

  /// Computes the tangents of all gradients, last step first; every parameter's goes to `sink`, if
  /// there is one, and the batch's if wanted. `pull`, if given, is called with each step's number, the
  /// activation it reads and the gradient by it that has just been written, and may add to that.
  func tangentBackward<S: Scalar>(
    _ parameters: UnsafePointer<S>, along v: UnsafePointer<S>, _ scratch: Scratch<S>, rows: Int,
    moves: Bool, sink: GradientSink<S>?, wantsInput: Bool, pull: ActivationPull<S>? = nil
  ) {
    for index in steps.indices.reversed() {
      switch steps[index] {
      case .run(let run):
        let site = scratch.tangentSite(run, index, parameters, v, rows: rows, moves: moves)
        if run.inputDepends || wantsInput {
          let dx = scratch.gradientTangent(run.input)
          if run.accumulates {
            run.operation.tangentInputGradient(site, into: scratch.spare)
            S.add(scratch.spare, to: dx, count: rows * run.width)
          } else {
            run.operation.tangentInputGradient(site, into: dx)
          }
          pull?(index, UnsafePointer(scratch.activation(run.input)), dx)
        }
        if run.hasParameters, let sink {
          run.operation.tangentParameterGradient(site, sink: sink.advanced(by: run.offset))
        }
      case .merge(let merge):
        spread(
          scratch.gradientTangent(merge.output), merge, count: rows * merge.width,
          wantsInput: wantsInput, left: scratch.gradientTangent(merge.left),
          right: scratch.gradientTangent(merge.right))
      }
    }
  }

  /// Moves running statistics towards those of the training pass that the workspace holds.
  func updateStatistics<S: Scalar>(
    _ parameters: UnsafeMutablePointer<S>, _ scratch: Scratch<S>, rows: Int
  ) {
    for index in steps.indices {
      if case .run(let run) = steps[index], run.hasParameters {
        run.operation.updateStatistics(
          scratch.site(run, index, parameters, rows: rows), parameters: parameters + run.offset)
      }
    }
  }

  /// Sends the gradient of a sum to both of its terms.
  private func spread<S: Scalar>(
    _ gradient: UnsafePointer<S>, _ merge: Step.Merge, count: Int, wantsInput: Bool,
    left: UnsafeMutablePointer<S>, right: UnsafeMutablePointer<S>
  ) {
    if merge.leftDepends || wantsInput {
      if merge.accumulatesLeft {
        S.add(gradient, to: left, count: count)
      } else {
        left.update(from: gradient, count: count)
      }
    }
    if merge.rightDepends || wantsInput {
      if merge.accumulatesRight {
        S.add(gradient, to: right, count: count)
      } else {
        right.update(from: gradient, count: count)
      }
    }
  }

  /// Loads a batch and runs forward, loss and backward; the sum of the rows' losses if asked, else 0.
  func pass<S: Scalar>(
    _ indices: some RandomAccessCollection<Int>, of examples: LabeledExamples,
    parameters: UnsafePointer<S>, scratch: Scratch<S>, scale: S, mode: PassMode,
    wantsLosses: Bool, sink: GradientSink<S>?
  ) -> Double {
    let rows = indices.count
    scratch.reserve(rows: rows, .gradients)
    scratch.load(indices, of: examples)
    forward(parameters, scratch, rows: rows, mode: mode)
    lossGradient(scratch, rows: rows, scale: scale, wantsLosses: wantsLosses)
    backward(parameters, scratch, rows: rows, sink: sink)
    guard wantsLosses else { return 0 }
    var sum = 0.0
    for row in 0..<rows { sum += scratch.losses[row] }
    return sum
  }

  /// Checks that `examples` and a parameter vector of length `count` fit, and that there is anything.
  func check(
    _ examples: LabeledExamples, parameters count: Int, place: String
  ) throws(LearningError) {
    try check(parameters: count, place: place)
    guard examples.count > 0 else { throw .noExamples(place: place) }
    guard examples.featureCount == inputs else {
      throw .sizeMismatch(
        place: place, what: "features per example", got: examples.featureCount, expected: inputs)
    }
    guard examples.classes <= classes else {
      throw .sizeMismatch(
        place: place, what: "classes in the data", got: examples.classes,
        expected: classes)
    }
  }

  func check(parameters count: Int, place: String) throws(LearningError) {
    guard count == parameterCount else {
      throw .sizeMismatch(place: place, what: "parameters", got: count, expected: parameterCount)
    }
  }

  func check(_ batch: [Int], of examples: LabeledExamples, place: String) throws(LearningError) {
    guard !batch.isEmpty else { throw .noExamples(place: place) }
    for index in batch where index < 0 || index >= examples.count {
      throw .indexOutOfRange(place: place, index: index, count: examples.count)
    }
  }

  func check(_ workspace: Workspace) {
    precondition(workspace.network == self, "the workspace was made for another network")
  }
}
