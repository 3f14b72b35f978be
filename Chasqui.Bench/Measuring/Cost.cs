namespace Chasqui.Bench.Measuring;

/// <summary>What something cost a server.</summary>
/// <param name="Count">How often it was done.</param>
/// <param name="Elapsed">In how long.</param>
/// <param name="Processor">The server's processor time.</param>
/// <param name="Instructions">What it executed, where that could be counted.</param>
internal sealed record Cost(long Count, TimeSpan Elapsed, TimeSpan Processor, long? Instructions)
{
    public double PerSecond => Count / Elapsed.TotalSeconds;

    public double Microseconds => Processor.TotalMicroseconds / Count;

    /// <summary>Adds the figures of one round.</summary>
    /// <param name="add">Takes a figure, its unit and its value.</param>
    /// <param name="what">What was counted, in the singular.</param>
    /// <param name="perRound">How many of them one thing stands for: a message that has a thousand deliveries.</param>
    public void AddTo(Action<string, string, double> add, string what, double perRound = 1)
    {
        add($"server processor time per {what}", "us", Microseconds * perRound);
        if (Instructions is { } instructions)
        {
            add($"server instructions per {what}", "", instructions * perRound / Count);
        }
    }
}
