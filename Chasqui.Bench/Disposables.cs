namespace Chasqui.Bench;

/// <summary>Things that end together.</summary>
internal sealed class Disposables<T>(params IEnumerable<T> items) : IAsyncDisposable
    where T : IAsyncDisposable
{
    public List<T> Items { get; } = [.. items];

    public async ValueTask DisposeAsync()
    {
        foreach (var item in Items)
        {
            await item.DisposeAsync();
        }
    }
}
