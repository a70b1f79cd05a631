/// The passes over one batch that lies in a workspace: internal, generic, one switch per layer.
extension Network {
  /// Computes every activation from activation 0.
  func forward<S: Scalar>(_ parameters: UnsafePointer<S>, _ scratch: Scratch<S>, rows: Int) {
    for index in layers.indices {
      let (input, output) = buffers[index]
      let layer = layers[index]
      let x = scratch.activation(input)
      let y = scratch.activation(output)
      if layer.worksInPlace && input != output {
        y.update(from: x, count: rows * layer.inputs)
      }
      layer.forward(x, parameters: parameters + offsets[index], into: y, rows: rows)
    }
  }

  /// Computes the loss gradient by the logits, `scale (softmax - onehot)`, and each row's loss if
  /// asked.
  func lossBackward<S: Scalar>(
    _ scratch: Scratch<S>, rows: Int, scale: S, wantsLosses: Bool
  ) {
    let last = bufferSizes.count - 1
    SoftmaxCrossEntropy(classes: classes).backward(
      scratch.activation(last), labels: scratch.labels, into: scratch.gradient(last), rows: rows,
      scale: scale, losses: wantsLosses ? scratch.losses : nil)
  }

  /// Sends every layer's parameter gradient to `sink`, last layer first. A layer's input gradient is
  /// taken before its parameters change, so the sink may be the parameters.
  func backward<S: Scalar>(
    _ parameters: UnsafePointer<S>, _ scratch: Scratch<S>, rows: Int, sink: GradientSink<S>
  ) {
    for index in layers.indices.reversed() {
      let (input, output) = buffers[index]
      layers[index].backward(
        scratch.gradient(output), input: scratch.activation(input),
        output: scratch.activation(output), parameters: parameters + offsets[index],
        into: input == 0 ? nil : scratch.gradient(input),
        sink: sink.advanced(by: offsets[index]), rows: rows)
    }
  }

  /// Loads a batch and runs forward, loss and backward; the sum of the rows' losses if asked, else 0.
  func pass<S: Scalar>(
    _ indices: some RandomAccessCollection<Int>, of examples: LabeledExamples,
    parameters: UnsafePointer<S>, scratch: Scratch<S>, scale: S, wantsLosses: Bool,
    sink: GradientSink<S>
  ) -> Double {
    let rows = indices.count
    scratch.reserve(rows: rows)
    examples.gather(indices, features: scratch.activation(0), labels: scratch.labels)
    forward(parameters, scratch, rows: rows)
    lossBackward(scratch, rows: rows, scale: scale, wantsLosses: wantsLosses)
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
    guard count == parameterCount else {
      throw .sizeMismatch(place: place, what: "parameters", got: count, expected: parameterCount)
    }
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

  func check(_ batch: [Int], of examples: LabeledExamples, place: String) throws(LearningError) {
    guard !batch.isEmpty else { throw .noExamples(place: place) }
    for index in batch where index < 0 || index >= examples.count {
      throw .indexOutOfRange(place: place, index: index, count: examples.count)
    }
  }

  func check(_ workspace: Workspace) {
    precondition(
      workspace.bufferSizes == bufferSizes && workspace.parameterCount == parameterCount,
      "the workspace was made for another network")
  }
}
