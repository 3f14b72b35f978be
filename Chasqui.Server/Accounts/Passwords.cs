using System.Text;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Accounts;

/// <summary>bcrypt, kept off the threads that serve the chat.</summary>
internal sealed class Passwords(IOptions<AccountOptions> options) : IDisposable
{
    public const int MinCharacters = 8;

    /// <summary>bcrypt reads no further, and does not say so.</summary>
    public const int MaxBytes = 72;

    private readonly SemaphoreSlim _lane = new(1);
    private readonly int _cost = options.Value.BcryptCost;

    // What an unknown account is checked against, so that it takes the time of a known one: well-formed, and of no password.
    private readonly string _nobody = $"$2a${options.Value.BcryptCost:00}${new string('.', 53)}";

    public static bool IsAcceptable(string password) =>
        password.EnumerateRunes().Count() >= MinCharacters && Encoding.UTF8.GetByteCount(password) <= MaxBytes;

    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => BCrypt.Net.BCrypt.HashPassword(password, _cost), cancellationToken);

    /// <param name="password">What was typed.</param>
    /// <param name="hash">The account's hash, or <see langword="null"/> when there is no such account.</param>
    /// <param name="cancellationToken">The caller's patience.</param>
    public Task<bool> VerifyAsync(string password, string? hash, CancellationToken cancellationToken) =>
        RunAsync(
            () => BCrypt.Net.BCrypt.Verify(password, hash ?? _nobody)
                && hash is not null
                && Encoding.UTF8.GetByteCount(password) <= MaxBytes,
            cancellationToken);

    public void Dispose() => _lane.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _lane.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _lane.Release();
        }
    }
}
