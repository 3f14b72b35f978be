using System.Security.Cryptography;
using Chasqui.Server.Hosting;
using Chasqui.Server.Storage;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Chasqui.Server.Accounts;

/// <summary>The key that signs tokens: the configured one, or one that the server made at its first start.</summary>
internal sealed class SigningKey(IOptions<AccountOptions> account, IOptions<StorageOptions> storage)
{
    private const int KeyBytes = 32;

    private readonly Lazy<SymmetricSecurityKey> _key = new(() => new SymmetricSecurityKey(
        account.Value.SigningKey is { } configured
            ? Convert.FromBase64String(configured)
            : ReadOrCreate(storage.Value)));

    public SymmetricSecurityKey Value => _key.Value;

    private static byte[] ReadOrCreate(StorageOptions storage)
    {
        var file = storage.SigningKeyFile;
        try
        {
            DataFolder.Create(storage.FullDataFolder);
            return File.Exists(file) ? Read(file) : Create(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The signing key '{file}' cannot be read or made: {e.Message}");
        }
    }

    private static byte[] Read(string file)
    {
        var text = File.ReadAllText(file).Trim();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length >= KeyBytes
            ? bytes[..length]
            : throw new StartupException(
                $"The signing key '{file}' is not {KeyBytes} bytes in base64. Restore it from a backup, or delete it: the "
                + "server then makes a new one, and everybody has to log in again.");
    }

    private static byte[] Create(string file)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        // Written whole under another name first: a crash in between leaves no half a key behind.
        var draft = file + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(draft, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(key)));
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, file);
        return key;
    }
}
