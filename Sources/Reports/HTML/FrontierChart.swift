internal import Experiments

/// A frontier as inline SVG: points with intervals as whiskers, the optimal ones named and joined.
struct FrontierChart {
  /// What is drawn.
  var frontier: Frontier
  /// The element's id.
  var id: String
  /// Whether it stands in a file of its own, without the table that numbers refer to.
  var isAlone = false

  static let (width, height) = (420.0, 300.0)
  static let (left, right, top, bottom) = (40.0, 10.0, 26.0, 40.0)
  /// A letter of a label is taken to be this wide.
  static let letter = 6.9
  /// Names in a page longer than this are cut: its table has them whole.
  private static let longest = 30
  /// How many letters a line of text has room for.
  static let columns = Int((width - left - right) / letter)
  /// From one line of text to the next.
  static let line = 14.0

  /// What is measured to the right, in as many lines as it takes.
  private var axisLines: [String] {
    TextLayout.paragraph(frontier.axisTitle, width: Self.columns)
  }

  /// With all lines of the axis below it.
  var fullHeight: Double { Self.height + Self.line * Double(axisLines.count - 1) }

  private var across: FrontierScale {
    FrontierScale(
      frontier.points.flatMap { point -> [Double] in
        guard let privacy = point.privacy else { return [.infinity] }
        let ends = [privacy.interval.lowerBound, privacy.mean, privacy.interval.upperBound]
        // An interval that reaches below 0 does not keep figures that are not from a log scale.
        return (privacy.mean > 0 ? ends.filter { $0 > 0 } : ends).map { $0 * frontier.scale }
      }, mayBeLogarithmic: frontier.figure != .attackLoss)
  }

  private var up: FrontierScale {
    FrontierScale(
      frontier.points.flatMap { point -> [Double] in
        let interval = point.accuracy.interval
        return [max(0, interval.lowerBound) * 100, min(1, interval.upperBound) * 100]
      }, mayBeLogarithmic: false)
  }

  /// The chart; O(points²) for the places of names.
  var svg: Markup {
    let (across, up) = (across, up)
    let inner = (
      width: Self.width - Self.left - Self.right, height: Self.height - Self.top - Self.bottom
    )
    func x(_ value: Double) -> Double {
      Self.left + inner.width * across.place(value * frontier.scale)
    }
    func y(_ share: Double) -> Double {
      Self.top + inner.height * (1 - up.place(max(0, min(1, share)) * 100))
    }
    let places = frontier.points.map { (x: x($0.x), y: y($0.accuracy.mean)) }
    let marks = zip(frontier.points, places).map { point, place in
      "\(whiskers(point, at: place, x: x, y: y))\(Self.marker(point, at: place))" as Markup
    }
    let (names, unnamed) = names(places)
    let drawing: Markup = "\(grid(across, up))\(stairs(places))\(marks)\(names)"
    let title: Markup = """
      <title id="\(id)-t">\(frontier.title)</title><desc id="\(id)-d">\(description)</desc>
      """
    if isAlone { return picture(title, drawing, unnamed: unnamed) }
    return """
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(fullHeight))" role="img" \
      aria-labelledby="\(id)-t \(id)-d">\(title)\(drawing)</svg>
      """
  }

  /// What the chart shows, in a sentence.
  private var description: String {
    let best = frontier.optimal.map { point in
      "\(point.short) at \(Numbers.percent(point.accuracy.mean))% accuracy and "
        + "\(frontier.text(point.privacy))"
    }
    let others = frontier.points.count - best.count
    return "Accuracy upward, \(frontier.axisTitle) to the right; up and left is better. "
      + "Pareto-optimal: \(best.list())."
      + (isAlone ? "" : " \(Numbers.count(others, "other")) in the table below.")
  }

  // MARK: - Frame

  private func grid(_ across: FrontierScale, _ up: FrontierScale) -> Markup {
    let (right, floor) = (Self.width - Self.right, Self.height - Self.bottom)
    let rows = up.ticks(5).map { value -> Markup in
      let height = Self.text(Self.top + (floor - Self.top) * (1 - up.place(value)))
      return """
        <path class="grid" d="M\(Self.text(Self.left)) \(height)H\(Self.text(right))"/>\
        <text x="\(Self.text(Self.left - 6))" y="\(height)" dy="0.35em" \
        text-anchor="end">\(up.text(value))</text>
        """
    }
    func label(_ text: String, at share: Double) -> Markup {
      let place = Self.text(Self.left + (right - Self.left) * share)
      return """
        <path class="grid" d="M\(place) \(Self.text(floor))v4"/>\
        <text x="\(place)" y="\(Self.text(floor + 15))" text-anchor="middle">\(text)</text>
        """
    }
    let columns = across.ticks(5).map { label(across.text($0), at: across.place($0)) }
    let unbounded: Markup =
      across.hasUnbounded
      ? """
      <path class="grid" stroke-dasharray="2 3" \
      d="M\(Self.text(Self.left + (right - Self.left) * (across.room + 0.02))) \
      \(Self.text(Self.top))V\(Self.text(floor))"/>\(label("no bound", at: across.place(.infinity)))
      """ : ""
    let axis = axisLines.enumerated().map { index, text -> Markup in
      """
      <text x="\(Self.text((Self.left + right) / 2))" \
      y="\(Self.text(Self.height - 6 + Self.line * Double(index)))" text-anchor="middle">\(text)</text>
      """
    }
    return """
      \(rows)\(columns)\(unbounded)\
      <path class="grid" d="M\(Self.text(Self.left)) \(Self.text(floor))H\(Self.text(right))"/>\
      <text x="\(Self.text(Self.left - 6))" y="13">Accuracy, %</text>\
      <text x="\(Self.text(right))" y="13" text-anchor="end">↖ better</text>\
      \(axis)
      """
  }

  /// What can be had by choosing among the optimal points: a step at each.
  private func stairs(_ places: [(x: Double, y: Double)]) -> Markup {
    let optimal = zip(frontier.points, places).filter { $0.0.standing == .optimal }.map(\.1)
    guard let first = optimal.first else { return "" }
    let steps = optimal.dropFirst().map { "H\(Self.text($0.x))V\(Self.text($0.y))" }.joined()
    return """
      <path class="stairs" d="M\(Self.text(first.x)) \(Self.text(Self.height - Self.bottom))\
      V\(Self.text(first.y))\(steps)H\(Self.text(Self.width - Self.right))"/>
      """
  }

  // MARK: - Points

  private func whiskers(
    _ point: Frontier.Point, at place: (x: Double, y: Double), x: (Double) -> Double,
    y: (Double) -> Double
  ) -> Markup {
    let up = point.accuracy.interval
    var path =
      "M\(Self.text(place.x)) \(Self.text(y(up.lowerBound)))V\(Self.text(y(up.upperBound)))"
    if let across = point.privacy?.interval, across.lowerBound < across.upperBound {
      path +=
        "M\(Self.text(x(across.lowerBound))) \(Self.text(place.y))H\(Self.text(x(across.upperBound)))"
    }
    return "<path class=\"whisker \(Self.kind(point))\" d=\"\(path)\"/>"
  }

  private static func kind(_ point: Frontier.Point) -> Markup {
    switch point.standing {
    case .optimal: "optimal"
    case .near: "near"
    case .dominated: "dominated"
    case .uncounted: "uncounted"
    }
  }

  /// A disc where optimal, a ring where near, a small disc where dominated, a diamond where not
  /// counted; a square for no defense.
  static func marker(_ point: Frontier.Point, at place: (x: Double, y: Double)) -> Markup {
    let start = "M\(text(place.x)) \(text(place.y))"
    let path: String
    if point.isUndefended {
      path = start + "m-4-4h8v8h-8z"
    } else if point.standing == .uncounted {
      path = start + "m0-5l5 5l-5 5l-5-5z"
    } else {
      let radius = point.standing == .dominated ? "3" : "4.5"
      let width = point.standing == .dominated ? "6" : "9"
      path =
        start + "m-\(radius) 0a\(radius) \(radius) 0 1 0 \(width) 0"
        + "a\(radius) \(radius) 0 1 0 -\(width) 0z"
    }
    return "<path class=\"spot \(kind(point))\" d=\"\(path)\"/>"
  }

  /// `text` with no more than `count` letters.
  private static func cut(_ text: String, _ count: Int) -> String {
    text.count > count ? text.prefix(count - 1) + "…" : text
  }

  /// Names of the optimal points and numbers of the others, where there is room; the optimal first.
  /// Beside the drawing the points without a name in it.
  private func names(_ places: [(x: Double, y: Double)]) -> (drawn: Markup, unnamed: [Int]) {
    var taken = places.map { Box(x: $0.x - 6, y: $0.y - 6, width: 12, height: 12) }
    var drawn: Markup = ""
    var unnamed = Array(frontier.points.indices)
    let order = frontier.points.indices.sorted { first, second in
      (frontier.points[first].standing == .optimal ? 0 : 1, first)
        < (frontier.points[second].standing == .optimal ? 0 : 1, second)
    }
    for index in order {
      let isOptimal = frontier.points[index].standing == .optimal
      if !isOptimal && frontier.points.count > 40 { continue }
      let label = frontier.points[index].short
      let name = isOptimal && !isAlone ? Self.cut(label, Self.longest) : label
      let number = "\(index + 1)"
      let texts = isOptimal ? [name, number] : [number]
      guard let (text, box) = Self.room(for: texts, at: places[index], among: taken) else {
        continue
      }
      taken.append(box)
      if text == name { unnamed.removeAll { $0 == index } }
      let kind: Markup = isOptimal ? " class=\"named\"" : ""
      drawn += """
        <text\(kind) x="\(Self.text(box.x))" y="\(Self.text(box.y + 10))">\(text)</text>
        """
    }
    return (drawn, unnamed)
  }

  private struct Box {
    var x, y, width, height: Double

    func meets(_ other: Box) -> Bool {
      x < other.x + other.width && other.x < x + width && y < other.y + other.height
        && other.y < y + height
    }
  }

  /// The first of `texts` that fits beside the point without covering anything, and where.
  private static func room(
    for texts: [String], at place: (x: Double, y: Double), among taken: [Box]
  ) -> (String, Box)? {
    for text in texts {
      let width = letter * Double(text.count) + 4
      // Beside it, then above and below, ever further away.
      let besides = [(place.x + 8, place.y - 6), (place.x - width - 6, place.y - 6)]
      let others = [-18.0, 7, -31, 20, -44, 33].flatMap { down in
        [place.x + 4, place.x - width / 2, place.x - width - 2].map { ($0, place.y + down) }
      }
      let starts = besides + others
      for (x, y) in starts {
        let box = Box(x: x, y: y, width: width, height: 12)
        if x >= left, x + width <= self.width, y >= 14, y + 12 <= height - bottom,
          !taken.contains(where: { $0.meets(box) })
        {
          return (text, box)
        }
      }
    }
    return nil
  }

  static func text(_ value: Double) -> String {
    Numbers.fixed(value, digits: 1, minus: "-")
  }
}
