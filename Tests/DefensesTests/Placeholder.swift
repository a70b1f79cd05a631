// DefensesTests
