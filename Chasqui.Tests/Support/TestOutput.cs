namespace Chasqui.Tests.Support;

public static class TestOutput
{
    /// <summary>Writes a line to the output of the test that runs.</summary>
    public static void WriteLine(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
