internal import Experiments

/// A frontier in a file of its own: nothing refers to a table, so every text stands there whole.
extension FrontierChart {
  /// The chart as a file: what it is above, below it the key and the points without a name. Texts
  /// take as many lines as they need.
  func picture(_ title: Markup, _ drawing: Markup, unnamed: [Int]) -> Markup {
    let heading = TextLayout.paragraph(frontier.title, width: Self.columns)
    let top = 8 + Int(Self.line) * heading.count
    var parts: [Markup] = heading.enumerated().map { index, text in
      let height = -6 - Self.line * Double(heading.count - 1 - index)
      return """
        <text class="named" x="\(Self.text(Self.left - 6))" y="\(Self.text(height))">\(text)</text>
        """
    }
    parts.append(drawing)
    var height = fullHeight + 12
    for entry in key(&height) { parts.append(entry) }
    for index in unnamed {
      let point = frontier.points[index]
      let text =
        "\(point.short): \(Numbers.percent(point.accuracy.mean))%, \(frontier.text(point.privacy))"
      let number = "\(index + 1)  "
      let lines = TextLayout.paragraph(text, width: Self.columns - number.count)
      for (place, line) in lines.enumerated() {
        height += 16
        // Blanks at the start of a text are not drawn.
        let x = Self.left - 6 + (place == 0 ? 0 : 12)
        parts.append(
          """
          <text x="\(Self.text(x))" y="\(Self.text(height + 4))">\(place == 0 ? number : "")\
          \(line)</text>
          """)
      }
    }
    let full = Int(height) + 14 + top
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(Self.width * 1.6))" \
      height="\(full * 8 / 5)" viewBox="0 -\(top) \(Int(Self.width)) \(full)" role="img" \
      aria-labelledby="\(id)-t \(id)-d">\(title)
      <style>
      \(PageStyle.pictureSheet)
      </style>
      <rect class="paper" x="0" y="-\(top)" width="\(Int(Self.width))" height="\(full)"/>
      \(parts.joined("\n"))
      </svg>

      """
  }

  /// The markers that occur and what they mean, from `height` downwards.
  private func key(_ height: inout Double) -> [Markup] {
    let points =
      Frontier.Standing.allCases.map { standing in
        frontier.points.first { $0.standing == standing && !$0.isUndefended }
      }
      + [frontier.points.first(where: \.isUndefended)]
    var x = Self.left
    return points.compactMap(\.self).map { point in
      let name = point.isUndefended ? "no defense" : point.standing.rawValue
      let width = 9 + 5.6 * Double(name.count)
      if x + width > Self.width - Self.right {
        x = Self.left
        height += 16
      }
      defer { x += width + 16 }
      return """
        \(Self.marker(point, at: (x, height)))\
        <text x="\(Self.text(x + 9))" y="\(Self.text(height + 4))">\(name)</text>
        """
    }
  }
}
