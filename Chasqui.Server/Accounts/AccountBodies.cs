namespace Chasqui.Server.Accounts;

/// <summary>A new account.</summary>
/// <param name="Username">Letters only (any script, none of them invisible), 1 to 64, unique without regard to case.</param>
/// <param name="Email">One valid address, unique without regard to case.</param>
/// <param name="Password">At least 8 characters, at most 72 bytes of UTF-8, no U+0000.</param>
/// <param name="Invite">An invitation, where the server asks for one (<c>registration</c> in <c>GET /api/protocol</c>).</param>
internal sealed record RegisterRequest(string? Username, string? Email, string? Password, string? Invite = null)
{
    public string? NameProblem() =>
        Username is null ? "The field 'username' is missing"
        : !AccountRules.IsUsername(Username) ? "The field 'username' must be 1 to 64 letters, all of them visible"
        : Email is null ? "The field 'email' is missing"
        : !AccountRules.IsEmail(Email) ? "The field 'email' must be one valid address, without invisible characters"
        : null;

    public string? Problem() => NameProblem() ?? (
        Password is null ? "The field 'password' is missing"
        : !Passwords.IsAcceptable(Password) ? "The field 'password' " + Passwords.Rule
        : null);
}

/// <summary>The new account.</summary>
/// <param name="Id">Its id.</param>
internal sealed record Registered(UserId Id)
{
    /// <summary>Always <c>success</c>.</summary>
    public string Create { get; } = "success";

    /// <summary>A sentence for people.</summary>
    public string Message { get; } = "User created successfully";
}

/// <summary>The e-mail address or the username, and the password.</summary>
/// <param name="Password">The account's password.</param>
/// <param name="Email">The account's e-mail address.</param>
/// <param name="Username">The account's name; ignored if there is an address.</param>
internal sealed record LoginRequest(string? Password, string? Email = null, string? Username = null)
{
    public string? Problem() =>
        string.IsNullOrWhiteSpace(Email) && string.IsNullOrWhiteSpace(Username)
            ? "The field 'username' or 'email' is missing"
            : string.IsNullOrEmpty(Password) ? "The field 'password' is missing" : null;
}

/// <summary>The token; it goes into <c>Authorization: Bearer …</c>.</summary>
/// <param name="Token">An HS256 JWT.</param>
internal sealed record LoggedIn(string Token);

/// <summary>A change of the password.</summary>
/// <param name="OldPassword">The current password.</param>
/// <param name="NewPassword">The new password: at least 8 characters, at most 72 bytes of UTF-8, no U+0000.</param>
internal sealed record PasswordChange(string? OldPassword, string? NewPassword)
{
    public string? Problem() =>
        string.IsNullOrEmpty(OldPassword) ? "The field 'old_password' is missing"
        : NewPassword is null ? "The field 'new_password' is missing"
        : !Passwords.IsAcceptable(NewPassword) ? "The field 'new_password' " + Passwords.Rule
        : null;
}

/// <summary>A change of what others see.</summary>
/// <param name="DisplayName">
/// Shown instead of the username: 1 to 64 characters of any script, at least one visible, no line breaks, control characters or
/// changes of direction. An empty one takes it away.
/// </param>
internal sealed record ProfileChange(string? DisplayName)
{
    public string? Problem() =>
        DisplayName is null ? "The field 'display_name' is missing"
        : DisplayName.Length > 0 && !AccountRules.IsDisplayName(DisplayName)
            ? "The field 'display_name' must be one line of visible characters, at most "
                + $"{AccountRules.MaxDisplayNameCharacters}, or empty"
        : null;
}

/// <summary>A ticket for one handshake, as <c>?ticket=…</c> in its address.</summary>
/// <param name="Ticket">The ticket.</param>
internal sealed record IssuedTicket(string Ticket)
{
    /// <summary>How long it is valid, in seconds.</summary>
    public int ExpiresIn { get; } = (int)TicketStore.Lifetime.TotalSeconds;
}
